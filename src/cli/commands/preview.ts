import type { Command } from 'commander';
import { makeDocuments } from '../../push/format';
import { applyLogics } from '../../push/logics';
import { fitForFormat } from '../../push/payload-size';
import type { StartRequest } from '../../client/request';
import { asOfToday } from '../../profile/older-shapes';
import { isProfile, locateProfile } from '../../profile/location';
import { connectorAction } from '../../connectors/lookup';
import { readEnvironment } from '../../config/environment';
import { FormatError, StepError, InputError } from '../../protocol/errors';
import type { UserFunctions } from '../../push/functions';
import { quotable } from '../../http/outcome';
import { describeIssues } from '../../util/zod-issues';
import { actionParametersSchema } from '../../push/action-parameters';
import { loadSettings, type Settings } from '../../config/settings';
import type { Action } from '../../protocol/names';
import type { JsonObject } from '../../protocol/messages';
import { UsageError, type Cli } from '../cli';
import { EXIT } from '../output/exit-status';
import { nameOf, readJson } from '../input/files';
import { loadFunctions } from '../input/functions-file';
import { PARAMS_FLAG, PARAMS_HELP, readRequest } from '../input/input';
import { assertConnector, parseAction } from '../input/names';
import { printJson } from '../output/output';
import { isObject } from '../../util/objects';
import { withMissingFilled } from '../output/parameter-list';

interface Options {
  readonly profile: string;
  readonly params?: string;
  readonly action: Action;
  readonly functions?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Sends nothing and reads nothing from the network. Files stand as { "$file": url, "encoding" }. The parameters may be left out: what
stands in for them in the payload is named on standard error. With targetParameters.enrich both payloads are printed: { "document", "enrichment" }. A profile that the logics drop
gives null.

Examples:
  $ hrflow-temporal preview flatchr --profile profile.json --target.vacancy developer-lyon
  $ hrflow-temporal preview talentSoft --profile profile.json --params push.json --functions ./functions.mjs --action.format mine`;

/** `preview <connector>`: the payload that would be sent. */
export function define(command: Command, cli: Cli): void {
  command
    .description('Print the payload that would be sent for a profile. Sends nothing.')
    .usage('<connector> --profile <file> [options] [--target.NAME VALUE] [--action.NAME VALUE]')
    .argument('<connector>', 'name of the connector')
    .requiredOption(
      '--profile <file>',
      'JSON file with a profile, as HrFlow.ai answers it (its "data"); "-" is standard input',
    )
    .option(PARAMS_FLAG, PARAMS_HELP)
    .option('--action <name>', 'pushProfile or enrichProfile', parseAction, 'pushProfile')
    .option('--functions <file>', 'module with custom logics and formats')
    .option('--json', 'on one line')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: Options) => {
      const connector = assertConnector(name, options.action).name;
      const profile = await readProfile(cli, options);
      const request = await readRequest(cli, options.params);
      const functions = options.functions === undefined ? {} : await loadFunctions(options.functions);
      const settings = loadSettings(readEnvironment(cli.env).settingsFile);
      const { targetParameters, filled } = targetParametersOf(connector, options.action, request);
      const asked = { ...request, targetParameters };
      const { payload, note } = await payloadOf({ settings, functions }, connector, options.action, asked, profile);
      if (note !== null) cli.err(note);
      if (filled.length > 0) cli.err(`Not given, so something stands in for it: ${filled.join(', ')}.`);
      if (payload === null) cli.err('The logics drop this profile: nothing would be sent.');
      printJson(cli, payload, options.json ?? false);
      cli.end(EXIT.ok);
    });
}

/** HrFlow.ai wraps a profile in `data`: what was saved from its API is taken as it is. */
async function readProfile(cli: Cli, { profile: path, params }: Options): Promise<JsonObject> {
  if (path === '-' && params === '-') throw new UsageError('--profile and --params cannot both be standard input');
  const saved = await readJson(cli, '--profile', path);
  const profile = isObject(saved) && 'code' in saved && isProfile(saved['data']) ? saved['data'] : saved;
  if (isProfile(profile)) return asOfToday(profile);
  throw new UsageError(`--profile: ${nameOf(path)} ${whatIsNoProfile(saved)}`);
}

/** What a file holds instead of a profile, and what to give. */
function whatIsNoProfile(saved: unknown): string {
  const place = locateProfile(saved);
  if (place !== null) return `is not a profile: the profile is at ${place}. Give a file that holds that part alone`;
  if (!isObject(saved)) return 'does not hold a JSON object';
  const { code, message } = saved;
  if (typeof code !== 'number' || code < 400) return 'holds no profile: nothing in it has "info"';
  const words = typeof message === 'string' ? quotable(message, (text) => text) : '';
  return `holds an error that HrFlow.ai answered, not a profile: ${code} ${words}`;
}

interface Deps {
  readonly settings: Settings;
  readonly functions: UserFunctions;
}

async function payloadOf(deps: Deps, connector: string, action: Action, request: StartRequest, profile: JsonObject) {
  const { logics, format } = actionParametersOf(request);
  const { targetParameters } = request;
  try {
    const kept = await applyLogics(deps, { logics, profile });
    if (kept === null) return { payload: null, note: null };
    const fit = fitForFormat(kept, format);
    const input = { connector, action, targetParameters, profile: fit.profile, format };
    const made = await makeDocuments(deps, input, Date.now());
    const { document, enrichment } = made;
    const payload = document && enrichment ? { document, enrichment } : (document ?? enrichment);
    return { payload, note: fit.note };
  } catch (error) {
    if (error instanceof FormatError) throw new UsageError(`the format refuses this profile: ${error.message}`);
    throw error instanceof StepError && !(error instanceof InputError) ? new UsageError(error.message) : error;
  }
}

function actionParametersOf({ actionParameters = {} }: StartRequest) {
  const checked = actionParametersSchema.safeParse(actionParameters);
  if (checked.success) return checked.data;
  throw new InputError('bad_action_parameters', describeIssues(checked.error, ['actionParameters']));
}

function targetParametersOf(connector: string, action: Action, request: StartRequest) {
  const { parameters } = connectorAction(connector, action).definition;
  const { value: targetParameters, filled } = withMissingFilled(parameters, request.targetParameters);
  const checked = parameters.safeParse(targetParameters);
  if (checked.success) return { targetParameters, filled };
  throw new InputError('bad_target_parameters', describeIssues(checked.error, ['targetParameters']));
}
