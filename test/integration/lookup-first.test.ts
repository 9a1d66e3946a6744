import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { failed, until } from '../support/failures';
import { startHarness, type Groups, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

describe('a push with lookupFirst whose lookup is impossible', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness();
    await harness.startWorker();
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  const push = (asked: Groups, actionParameters: Record<string, unknown> = {}) =>
    harness.client.talentSoft.pushProfile({ ...asked, actionParameters } as never);
  const applications = () => harness.simulators.talentSoft.applications;

  /** TalentSoft accepts applications without e-mail, but cannot look them up. */
  const withoutEmail = () =>
    uniqueRequest(harness, 'talentSoft', { info: { first_name: 'Ada', last_name: 'Fictive', email: null } });

  it('sends nothing, reports why, and is sent once its next step is followed', async () => {
    const asked = withoutEmail();
    const error = await failed(push(asked, { lookupFirst: true }));
    expect(error).toMatchObject({ type: 'refused', stage: 'findApplicant', whoMustAct: 'user' });
    expect(error.message).toMatch(/^Nothing was sent.+no e-mail/);
    expect(error.nextStep).toMatch(/start the push again without lookupFirst/);
    expect(error.result?.items[0]).toMatchObject({ outcome: 'failed' });
    expect(applications()).toHaveLength(0);
    expect((await push(asked)).items[0]).toMatchObject({ outcome: 'created' });
    expect(applications()).toHaveLength(1);
  });

  it('is held if requested, and is sent once the next steps of the hold are followed', async () => {
    const asked = withoutEmail();
    const actionParameters = { lookupFirst: true, onFailure: 'hold' };
    const handle = await harness.client.talentSoft.startPushProfile({ ...asked, actionParameters } as never);
    const hold = async () => (await handle.describe()).memo?.['hold'];
    await until('the hold', async () => (await hold()) !== undefined);
    expect(await hold()).toMatchObject({
      error: { type: 'refused', nextStep: expect.stringMatching(/abandon this run and start the push again/) },
    });
    await handle.executeUpdate('abandon', { args: [] });
    await failed(handle.result());
    expect((await push(asked)).items[0]).toMatchObject({ outcome: 'created' });
    expect(applications()).toHaveLength(1);
  });
});
