import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { connectors, profileSource } from '../../../src/connectors/registry';

const ROOT = join(__dirname, '..', '..', '..', 'src');

/** Examples in help texts call the command line with the name of a connector. */
const EXAMPLE = '$ hrflow-temporal ';

/** The name of an HTTP header, too. */
const ORDINARY = new Set(['authorization']);

/** The variables of base URLs, names, titles, and the settings that only one connector has. */
function connectorWords(): readonly string[] {
  const variables = [profileSource, ...connectors].flatMap(({ baseUrl }) => (baseUrl ? [baseUrl.variable] : []));
  const names = connectors.flatMap(({ name, title }) => [name, title, title.split(' ')[0] ?? '']);
  const settings = connectors.flatMap(({ settings }) => Object.keys(settings.parse({})));
  const own = settings.filter((name) => settings.indexOf(name) === settings.lastIndexOf(name) && !ORDINARY.has(name));
  return [...new Set([...variables, ...names, ...own].map((word) => word.toLowerCase()))];
}

const core = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !/^connectors[\\/]/.test(file),
);

it('finds the words and the files', () => {
  expect(connectorWords()).toEqual(
    expect.arrayContaining(['flatchr_url', 'hrflow_api_url', 'oracle', 'talentsoft', 'enrichrepeatable']),
  );
  expect(core.length).toBeGreaterThan(100);
});

it.each(connectorWords())('outside src/connectors nothing names %s', (word) => {
  const found = core.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        line.toLowerCase().includes(word) && !line.includes(EXAMPLE) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
  expect(found).toEqual([]);
});
