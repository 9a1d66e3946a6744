import { describe, expect, it } from '@jest/globals';
import { flatchrDocumentSchema, flatchrEnrichmentDocumentSchema } from '../../../../src/connectors/flatchr/schemas';
import { profileSchema } from '../../../../src/profile/schema';
import { oracleDocumentSchema } from '../../../../src/connectors/oracleorc/schemas';
import { FormatError } from '../../../../src/protocol/errors';
import { talentSoftDocumentSchema } from '../../../../src/connectors/talentsoft/schemas';
import { ACTIONS, asJson, formatOf, readFixtures } from './support';

const documentSchemas = {
  'talentSoft.pushProfile': talentSoftDocumentSchema,
  'oracleORC.pushProfile': oracleDocumentSchema,
  'flatchr.pushProfile': flatchrDocumentSchema,
  'flatchr.enrichProfile': flatchrEnrichmentDocumentSchema,
};

const fixtures = readFixtures();
const cases = fixtures.flatMap((fixture) =>
  ACTIONS.map((action) => ({ name: fixture.name, action, fixture, expected: fixture.expected[action] })),
);
const documents = cases.filter(({ expected }) => expected.payload !== null);
const failures = cases.filter(({ expected }) => expected.payload === null);

describe('the fixture profiles', () => {
  it('are all there', () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(12);
    expect(documents.length).toBeGreaterThanOrEqual(46);
    expect(failures.length).toBeGreaterThanOrEqual(2);
  });

  it.each(fixtures)('$name is a profile that the schema leaves as it is', ({ profile }) => {
    expect(profileSchema.parse(profile)).toStrictEqual(profile);
  });

  it.each(documents)('$name gives the whole document of $action', ({ action, fixture, expected }) => {
    const document = formatOf[action](profileSchema.parse(fixture.profile), fixture.targetParameters);
    expect(document).toStrictEqual(expected.payload);
  });

  it.each(documents)('$name: the document of $action passes its own schema unchanged', ({ action, expected }) => {
    expect(asJson(documentSchemas[action].parse(expected.payload))).toStrictEqual(expected.payload);
  });

  it.each(failures)('$name fails $action and names the field', ({ action, fixture, expected }) => {
    const attempt = () => formatOf[action](profileSchema.parse(fixture.profile), fixture.targetParameters);
    expect(attempt).toThrow(FormatError);
    expect(attempt).toThrow(expect.objectContaining({ field: expected.failure?.field }));
    expect(attempt).toThrow(expected.failure?.field ?? 'a field');
  });
});
