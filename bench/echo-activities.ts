import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { LookupKeys } from '../src/protocol/delivery';
import type { Timing } from '../src/protocol/timing';
import type { JsonObject } from '../src/protocol/messages';

/** The activities of the echo workflow. Each takes the input of its model and returns the model's recorded result. */
export interface EchoActivities {
  echoFetchProfile(input: JsonObject): Promise<{ profile: JsonObject; timing: Timing; networkAuth: boolean }>;
  echoFormat(
    input: JsonObject,
  ): Promise<{ document: JsonObject; enrichment: JsonObject; lookupKeys: LookupKeys | null }>;
  echoAuthenticate(input: JsonObject): Promise<{ expiresAt: string | null }>;
  echoPushApplicant(input: JsonObject): Promise<{ atsId: string | null }>;
  echoEnrich(input: JsonObject): Promise<void>;
}

const object = z.record(z.string(), z.unknown());

/** The results of a push's activities by their names, recorded from a run. */
export const answersSchema = z.object({
  fetchProfile: z.object({ profile: object, timing: z.custom<Timing>(), networkAuth: z.boolean() }),
  format: z.object({ document: object, enrichment: object, lookupKeys: z.custom<LookupKeys | null>() }),
  authenticate: z.object({ expiresAt: z.string().nullable() }),
  pushApplicant: z.object({ atsId: z.string().nullable() }),
});

/**
 * Makes the echo activities.
 *
 * @param answersFile JSON of the answers; read at the first call, because it is recorded after the worker has started
 */
export function createEchoActivities(answersFile: string): EchoActivities {
  let read: z.infer<typeof answersSchema> | undefined;
  const answers = () => (read ??= answersSchema.parse(JSON.parse(readFileSync(answersFile, 'utf8'))));
  return {
    echoFetchProfile: () => Promise.resolve(answers().fetchProfile),
    echoFormat: () => Promise.resolve(answers().format),
    echoAuthenticate: () => Promise.resolve(answers().authenticate),
    echoPushApplicant: () => Promise.resolve(answers().pushApplicant),
    echoEnrich: () => Promise.resolve(),
  };
}
