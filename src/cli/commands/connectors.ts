import type { Command } from 'commander';
import type { Connector, ConnectorAction } from '../../connectors/connector';
import { connectors, profileSource } from '../../connectors/registry';
import { actionParametersSchema } from '../../push/action-parameters';
import { WORKFLOW_TYPES } from '../../protocol/names';
import type { Cli } from '../cli';
import { EXIT } from '../output/exit-status';
import { assertConnector } from '../input/names';
import { printJson } from '../output/output';
import { jsonSchemaOf } from '../../security/schema-node';
import { parametersOf, type Parameter } from '../output/parameter-list';
import { table } from '../output/style';

const EXAMPLES = `
Examples:
  $ hrflow-temporal connectors flatchr
  $ hrflow-temporal connectors --json`;

/** `connectors`: what there is, with every parameter. */
export function define(command: Command, cli: Cli): void {
  command
    .description('List connectors, their actions and parameters; with --json as JSON Schema.')
    .argument('[connector]', 'only this one')
    .option('--json', 'print JSON, with JSON Schemas')
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, { json = false }: { readonly json?: boolean }) => {
      const chosen = name === undefined ? connectors : [assertConnector(name)];
      if (json) printJson(cli, asJson(chosen), true);
      else print(cli, chosen);
      cli.end(EXIT.ok);
    });
}

function actionsOf({ actions }: Connector): { readonly action: string; readonly definition: ConnectorAction }[] {
  return WORKFLOW_TYPES.flatMap((action) => {
    const definition = actions[action];
    return definition ? [{ action, definition }] : [];
  });
}

function asJson(chosen: readonly Connector[]) {
  return {
    connectors: chosen.map((connector) => ({
      name: connector.name,
      title: connector.title,
      actions: actionsOf(connector).map(({ action, definition }) => ({
        action,
        canLookUp: definition.canLookUp,
        targetParameters: jsonSchemaOf(definition.parameters),
      })),
    })),
    origin: {
      name: profileSource.name,
      title: profileSource.title,
      originParameters: jsonSchemaOf(profileSource.parameters),
    },
    actionParameters: jsonSchemaOf(actionParametersSchema),
  };
}

function print(cli: Cli, chosen: readonly Connector[]): void {
  for (const connector of chosen) {
    for (const { action, definition } of actionsOf(connector)) {
      printGroup(
        cli,
        `${connector.name}.${action}  (${connector.title})`,
        'target',
        parametersOf(definition.parameters),
      );
    }
  }
  printGroup(
    cli,
    `Origin, for every action  (${profileSource.title})`,
    'origin',
    parametersOf(profileSource.parameters),
  );
  printGroup(cli, 'Action parameters, for every action', 'action', parametersOf(actionParametersSchema));
  cli.out('* required. A secret is a text, or a reference such as { "secret": "ats/prod" } that the worker resolves.');
}

function printGroup(cli: Cli, title: string, group: string, parameters: readonly Parameter[]): void {
  cli.out(cli.style('bold', title));
  const rows = parameters.map(({ path, type, required, fallback, description }) => {
    const preset = fallback === undefined ? '' : ` (default ${JSON.stringify(fallback)})`;
    return [`  --${group}.${path}${required ? ' *' : ''}`, type, `${description}${preset}`];
  });
  for (const line of table(rows)) cli.out(line);
  cli.out('');
}
