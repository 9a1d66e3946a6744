import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Reply } from './answers';
import { play, type Exchange } from './fault-player';
import { FaultScript } from './faults';
import { parseJson } from './json';
import { listenOnLoopback, type Listener } from './listener';
import { parseMultipart, type Part } from './multipart';
import { Refusal } from './refusal';

/** One request as it arrived, refused or not, and its result. */
export interface RecordedRequest {
  /** Counted from 1 per simulator, and from 1 again after a reset. */
  id: number;
  /** Arrival of the head, epoch milliseconds. */
  at: number;
  /** The site it arrived at, if a system has several (TalentSoft: `front`, `back`). */
  site: string;
  method: string;
  /** As sent, neither decoded nor normalised, without the query. */
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Whether the body arrived completely. */
  complete: boolean;
  /** The parsed body if the media type is JSON; undefined if it is invalid. */
  json?: unknown;
  /** The parts of a well-formed multipart body. */
  parts?: Part[];
  /** Name of the route; `unknown` if no route matches. */
  operation: string;
  /** The status that was sent; null if no head was sent (yet). */
  status: number | null;
  /** Kind of the fault that was played. */
  fault: string | null;
  /** Whether the request changed the state of the simulator. */
  committed: boolean;
}

/**
 * One operation of a system. Named groups of `path` are passed on as sent. A {@link Refusal} thrown by `handle` becomes
 * a 400.
 */
export interface Route {
  operation: string;
  method: string;
  /** Only at this site. Default: at every site. */
  site?: string;
  path: RegExp;
  handle(request: RecordedRequest, params: Record<string, string>): Reply;
}

/** Epoch milliseconds. Tests inject their own clock. */
export type Clock = () => number;

/** A real HTTP server on 127.0.0.1 that records every request and plays faults. The base of each simulator. */
export abstract class HttpSimulator<Switches extends object = Record<string, never>> {
  /** Every request so far, oldest first. */
  readonly requests: RecordedRequest[] = [];
  /** What goes wrong, and when. */
  readonly faults = new FaultScript();
  /** How long a new candidate stays invisible to lookups, in milliseconds. */
  visibleAfterMs = 0;
  /** How the system behaves if its documentation leaves room. May be changed at any time. */
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

  /** The operations, matched in order. */
  protected abstract readonly routes: Route[];

  /**
   * Builds a refusal in the error shape of the system.
   *
   * @param path - JSON pointer to the invalid value; most systems do not return it
   */
  protected abstract errorAnswer(request: RecordedRequest, status: number, message: string, path?: string): Answer;

  /** Builds the response to missing or wrong credentials. */
  protected unauthorizedAnswer(request: RecordedRequest): Answer {
    return this.errorAnswer(request, 401, 'Unauthorized.');
  }

  /** Restores the initial state: nothing stored, recorded or in progress, no faults, initial switches. */
  reset(): void {
    this.dropRequests();
    this.requests.length = 0;
    this.lastRequestId = 0;
    this.faults.clear();
    this.visibleAfterMs = 0;
    this.switches = { ...this.initialSwitches };
  }

  /** Ends every connection at once, including delayed responses. */
  async close(): Promise<void> {
    this.dropRequests();
    await Promise.all(this.listeners.map((listener) => listener.close()));
  }

  /** Opens a site on a free port of 127.0.0.1 and returns its origin, without a trailing slash. */
  protected async listen(site = ''): Promise<string> {
    const listener = await listenOnLoopback((incoming, response) => {
      // A bug in a simulator must not look like an outage of the simulated system.
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
