import type { HrflowClient, PushNotices, RunResult } from '../../src/client';
import type { Addresses } from '../../test/simulators';
import type { PushRecord } from './checker';
import type { PushPlan } from './plan';

/** Subdomains of Flatchr. Each is an account with its own limits. */
const SUBDOMAINS = ['careers', 'jobs', 'carrieres'] as const;
const OFFERS = ['2024-17', '2024-18', '2025-01'] as const;

/** What the checker must know about a push before it starts. */
export type Expected = Pick<PushRecord, 'creates' | 'enriches' | 'canLookUp' | 'place'>;

/** What a push needs besides its plan. */
export interface Asked {
  readonly addresses: Addresses;
  readonly profileKey: string;
  readonly onFailure: 'fail' | 'hold';
}

/** Returns the destination of a push as the systems' records name it, and what the push may do there. */
export function expectedOf({ kind, variant }: PushPlan, addresses: Addresses): Expected {
  const simple = { creates: true, enriches: false, canLookUp: true };
  switch (kind) {
    case 'TalentSoft with an offer':
      return { ...simple, place: talentSoftPlace(choose(OFFERS, variant)) };
    case 'TalentSoft without an offer':
      return { ...simple, place: talentSoftPlace(null) };
    case 'Oracle':
      return { ...simple, place: 'oracleORC' };
    case 'Flatchr with enrichment':
      return { ...simple, enriches: true, place: ownFlatchrPlace(variant, addresses) };
    case 'Flatchr with lookup':
      return { ...simple, place: ownFlatchrPlace(variant, addresses) };
    case 'Flatchr without lookup':
      return { ...simple, canLookUp: false, place: ownFlatchrPlace(variant, addresses) };
    case 'Flatchr enrichment alone':
      return {
        creates: false,
        enriches: true,
        canLookUp: false,
        place: flatchrPlace('careers', slug(variant, addresses)),
      };
  }
}

/** Starts or joins the push through the public client and waits for its end. */
export function pushThrough(
  client: HrflowClient,
  { kind, variant, lookupFirst }: PushPlan,
  { addresses, profileKey, onFailure }: Asked,
  notices: PushNotices,
): Promise<RunResult> {
  const { talentSoft, oracleORC, flatchr, hrflow } = addresses;
  const common = {
    originParameters: { ...hrflow.originParameters, profile_key: profileKey },
    actionParameters: { onFailure, lookupFirst },
  };
  const { enrich, ...withoutEnrich } = flatchr;
  const vacancy = slug(variant, addresses);
  const target = { ...withoutEnrich, subdomain: choose(SUBDOMAINS, variant), vacancy };
  switch (kind) {
    case 'TalentSoft with an offer': {
      const targetParameters = { ...talentSoft, job_reference: choose(OFFERS, variant) };
      return client.talentSoft.pushProfile({ ...common, targetParameters }, notices);
    }
    case 'TalentSoft without an offer': {
      const { job_reference: _reference, ...targetParameters } = talentSoft;
      return client.talentSoft.pushProfile({ ...common, targetParameters }, notices);
    }
    case 'Oracle':
      return client.oracleORC.pushProfile({ ...common, targetParameters: oracleORC }, notices);
    case 'Flatchr with enrichment':
      return client.flatchr.pushProfile({ ...common, targetParameters: { ...target, enrich } }, notices);
    case 'Flatchr with lookup':
      return client.flatchr.pushProfile({ ...common, targetParameters: { ...target, lookup: enrich } }, notices);
    case 'Flatchr without lookup':
      return client.flatchr.pushProfile({ ...common, targetParameters: target }, notices);
    case 'Flatchr enrichment alone': {
      const targetParameters = { auth: flatchr.auth, ...enrich, vacancy };
      return client.flatchr.enrichProfile({ ...common, targetParameters }, notices);
    }
  }
}

/** Returns the vacancy of a push to Flatchr. */
export function slug(variant: number, { flatchrVacancies }: Addresses): string {
  return flatchrVacancies[variant % flatchrVacancies.length] ?? '';
}

export function talentSoftPlace(offerReference: string | null): string {
  return `talentSoft/${offerReference ?? ''}`;
}

export function flatchrPlace(subdomain: string, vacancySlug: string): string {
  return `flatchr/${subdomain}/${vacancySlug}`;
}

function ownFlatchrPlace(variant: number, addresses: Addresses): string {
  return flatchrPlace(choose(SUBDOMAINS, variant), slug(variant, addresses));
}

function choose<T>(list: readonly [T, ...T[]], variant: number): T {
  return list[Math.floor(variant / 7) % list.length] ?? list[0];
}
