import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Reply } from './answers';
import { play, type Exchange } from './fault-player';
import { FaultScript } from './faults';
import { parseJson } from './json';
import { listenOnLoopback, type Listener } from './listener';
import { parseMultipart, type Part } from './multipart';
import { Refusal } from './refusal';

/** One request as it arrived, refused or not, and what became of it. */
export interface RecordedRequest {
  /** Counted from 1 per simulator, anew after a reset. */
  id: number;
  /** Arrival of the head, epoch milliseconds. */
  at: number;
  /** The door it came in by, where a system has several (TalentSoft: `front`, `back`). */
  site: string;
  method: string;
  /** As sent, neither decoded nor normalised, without the query. */
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Whether the body arrived to its end. */
  complete: boolean;
  /** The parsed body of a JSON media type; undefined where it is none. */
  json?: unknown;
  /** The parts of a well-formed multipart body. */
  parts?: Part[];
  /** Name of the route, `unknown` where none fits. */
  operation: string;
  /** The status that was sent, null where no head was sent (yet). */
  status: number | null;
  /** Kind of the fault that was played. */
  fault: string | null;
  /** Whether the request changed the state of the simulator. */
  committed: boolean;
}

/**
 * One operation of a system. Named groups of `path` are handed over as they were sent; a {@link Refusal} that `handle`
 * throws is answered 400.
 */
export interface Route {
  operation: string;
  method: string;
  /** Only by this door; by every door when left out. */
  site?: string;
  path: RegExp;
  handle(request: RecordedRequest, params: Record<string, string>): Reply;
}

/** Epoch milliseconds; tests put their own clock in. */
export type Clock = () => number;

/** A real HTTP server on 127.0.0.1 that records every request and plays faults; the base of each simulator. */
export abstract class HttpSimulator<Switches extends object = Record<string, never>> {
  /** Every request so far, oldest first. */
  readonly requests: RecordedRequest[] = [];
  /** What goes wrong, and when. */
  readonly faults = new FaultScript();
  /** How long a new candidate stays invisible to lookups, in milliseconds. */
  visibleAfterMs = 0;
  /** How the system behaves where the facts leave room; may be changed at any time. */
  switches: Switches;

  private readonly listeners: Listener[] = [];
  private inFlight = new AbortController();
  private lastRequestId = 0;

  constructor(
    private readonly initialSwitches: Switches,
    readonly now: Clock = Date.now,
  ) {
    this.switches = { ...initialSwitches };
  }

  /** The operations, looked through in order. */
  protected abstract readonly routes: Route[];

  /**
   * A refusal in the error shape of the system.
   *
   * @param path - JSON pointer to the place that is wrong; most systems do not name it
   */
  protected abstract errorAnswer(request: RecordedRequest, status: number, message: string, path?: string): Answer;

  /** The answer to credentials that are missing or wrong. */
  protected unauthorizedAnswer(request: RecordedRequest): Answer {
    return this.errorAnswer(request, 401, 'Unauthorized.');
  }

  /** Back to the state at the start: nothing stored, recorded or under way, no faults, first switches. */
  reset(): void {
    this.dropRequests();
    this.requests.length = 0;
    this.lastRequestId = 0;
    this.faults.clear();
    this.visibleAfterMs = 0;
    this.switches = { ...this.initialSwitches };
  }

  /** Ends every connection at once, delayed answers included. */
  async close(): Promise<void> {
    this.dropRequests();
    await Promise.all(this.listeners.map((listener) => listener.close()));
  }

  /** Opens a door on a free port of 127.0.0.1 and gives its origin, without a trailing slash. */
  protected async listen(site = ''): Promise<string> {
    const listener = await listenOnLoopback((incoming, response) => {
      // A mistake in a simulator must not look like an outage of the system that it plays.
      this.serve(site, incoming, response).catch((error: unknown) => console.error('A simulator failed:', error));
    });
    this.listeners.push(listener);
    return listener.url;
  }

  private async serve(site: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const request = await this.receive(site, incoming);
    const found = this.findRoute(request);
    request.operation = found?.route.operation ?? 'unknown';
    this.requests.push(request);
    if (!request.complete) return;
    const fault = this.faults.take(request);
    request.fault = fault?.kind ?? null;
    const exchange = this.exchange(request, response, found);
    try {
      await play(fault, exchange);
    } catch (error) {
      response.destroy();
      if (!exchange.signal.aborted) throw error;
    }
  }

  // A delayed commit must not reach the state of the next test.
  private dropRequests(): void {
    this.inFlight.abort();
    this.inFlight = new AbortController();
  }

  private async receive(site: string, incoming: IncomingMessage): Promise<RecordedRequest> {
    const at = this.now();
    const url = new URL(`http://127.0.0.1${incoming.url ?? '/'}`);
    const { body, complete } = await readBody(incoming);
    const type = incoming.headers['content-type'] ?? '';
    this.lastRequestId += 1;
    return {
      id: this.lastRequestId,
      at,
      site,
      method: incoming.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: incoming.headers,
      body,
      complete,
      ...(/^application\/([^;]*\+)?json\b/i.test(type) && { json: parseJson(body) }),
      ...(/^multipart\//i.test(type) && { parts: await parseMultipart(incoming.headers, body) }),
      operation: 'unknown',
      status: null,
      fault: null,
      committed: false,
    };
  }

  private findRoute(request: RecordedRequest): FoundRoute | null {
    for (const route of this.routes) {
      const match = route.method === request.method ? route.path.exec(request.path) : null;
      if (match === null || (route.site !== undefined && route.site !== request.site)) continue;
      return { route, params: { ...match.groups } };
    }
    return null;
  }

  private exchange(request: RecordedRequest, response: ServerResponse, found: FoundRoute | null): Exchange {
    return {
      request,
      response,
      signal: this.inFlight.signal,
      now: this.now,
      perform: () => this.perform(request, found),
      errorAnswer: (status, message) => this.errorAnswer(request, status, message),
      unauthorizedAnswer: () => this.unauthorizedAnswer(request),
    };
  }

  private perform(request: RecordedRequest, found: FoundRoute | null): Answer {
    if (found === null) return this.errorAnswer(request, 404, `Nothing at ${request.method} ${request.path}.`);
    const reply = this.handle(request, found);
    if (!('commit' in reply)) return reply;
    const committed = reply.commit();
    request.committed = true;
    return committed;
  }

  private handle(request: RecordedRequest, { route, params }: FoundRoute): Reply {
    try {
      return route.handle(request, params);
    } catch (error) {
      if (error instanceof Refusal) return this.errorAnswer(request, 400, error.message, error.path);
      throw error;
    }
  }
}

interface FoundRoute {
  route: Route;
  params: Record<string, string>;
}

async function readBody(incoming: IncomingMessage): Promise<{ body: Buffer; complete: boolean }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
    return { body: Buffer.concat(chunks), complete: true };
  } catch {
    return { body: Buffer.concat(chunks), complete: false };
  }
}
