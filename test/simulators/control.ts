import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Simulators } from './index';
import { faultSchema } from './faults';
import type { RecordedRequest } from './http-server';
import { isObject } from './json';
import { listenOnLoopback, type Listener } from './listener';

const SYSTEMS = ['hrflow', 'talentSoft', 'oracleORC', 'flatchr', 'files'] as const;

const faultRequestSchema = z.strictObject({
  system: z.enum(SYSTEMS),
  operation: z.string().optional(),
  times: z.number().int().min(1).optional(),
  fault: faultSchema,
});

/**
 * Opens the control server, through which another process inspects the simulators and injects faults.
 *
 * - `GET /requests?system=flatchr`: the recorded requests; of all systems without `system`
 * - `GET /state`: what the systems hold
 * - `POST /faults`: `{system, operation?, times?, fault}`
 * - `POST /reset`: restores the initial state
 *
 * @param reseed - called after a reset
 */
export function startControl(simulators: Simulators, reseed: () => void = () => undefined): Promise<Listener> {
  return listenOnLoopback((request, response) => {
    answerTo(request, simulators, reseed)
      .then(({ status, body }) => {
        response.writeHead(status, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(body));
      })
      .catch(() => response.destroy());
  });
}

interface ControlAnswer {
  status: number;
  body: unknown;
}

async function answerTo(request: IncomingMessage, simulators: Simulators, reseed: () => void): Promise<ControlAnswer> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /requests':
      return requestsOf(simulators, url.searchParams.get('system'));
    case 'GET /state':
      return { status: 200, body: sizesForBytes(stateOf(simulators)) };
    case 'POST /faults':
      return addFault(simulators, await textOf(request));
    case 'POST /reset':
      simulators.reset();
      reseed();
      return { status: 200, body: {} };
    default:
      return { status: 404, body: { message: 'GET /requests, GET /state, POST /faults, POST /reset' } };
  }
}

function requestsOf(simulators: Simulators, system: string | null): ControlAnswer {
  const wanted = SYSTEMS.filter((one) => system === null || one === system);
  if (wanted.length === 0) return { status: 400, body: { message: `system is none of ${SYSTEMS.join(', ')}` } };
  const listed = wanted.flatMap((one) => simulators[one].requests.map((request) => plainRequest(one, request)));
  return { status: 200, body: listed };
}

function plainRequest(system: string, { body, parts, ...rest }: RecordedRequest) {
  const plainParts = parts?.map((part) => ({ ...part, body: part.body.toString('base64') }));
  return { system, ...rest, body: body.toString('base64'), ...(plainParts !== undefined && { parts: plainParts }) };
}

function stateOf({ hrflow, talentSoft, oracleORC, flatchr }: Simulators) {
  return {
    hrflow: { profileKeys: hrflow.profileKeys() },
    talentSoft: { applications: talentSoft.applications, candidates: talentSoft.candidates },
    oracleORC: { candidates: oracleORC.candidates },
    flatchr: { applicants: flatchr.applicants, enrichments: flatchr.enrichments, vacancies: flatchr.vacancies },
  };
}

function addFault(simulators: Simulators, text: string): ControlAnswer {
  try {
    const { system, ...rule } = faultRequestSchema.parse(JSON.parse(text));
    simulators[system].faults.add(rule);
    return { status: 201, body: {} };
  } catch (error) {
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

// Files are shown by their size.
function sizesForBytes(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return { bytes: value.length };
  if (Array.isArray(value)) return value.map(sizesForBytes);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sizesForBytes(member)]));
}
