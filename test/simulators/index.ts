import { FileServer } from './files/file-server';
import { FLATCHR_KEY, FlatchrSimulator } from './flatchr/simulator';
import { FLATCHR_COMPANY } from './flatchr/store';
import type { FlatchrSwitches } from './flatchr/switches';
import { HRFLOW_ACCOUNT, HrflowSimulator, type HrflowSwitches } from './hrflow/simulator';
import type { Clock } from './http-server';
import { ORACLE_ACCOUNT, OracleSimulator } from './oracleorc/simulator';
import type { OracleSwitches } from './oracleorc/switches';
import { TalentSoftSimulator } from './talentsoft/simulator';
import type { TalentSoftSwitches } from './talentsoft/switches';
import { TALENTSOFT_ACCOUNT } from './talentsoft/tokens';

export { samplePdf } from './sample-pdf';
export { makeProfile, sampleProfiles, type SampleProfile } from './sample-data';
export { seedSampleData } from './seed';
export { FaultScript, faultSchema, type Fault, type FaultGenerator, type FaultRule } from './faults';
export { FLATCHR_COMPANY, FLATCHR_KEY, HRFLOW_ACCOUNT, ORACLE_ACCOUNT, TALENTSOFT_ACCOUNT };
export type { FileServer, FlatchrSimulator, HrflowSimulator, OracleSimulator, TalentSoftSimulator };
export type { RecordedRequest } from './http-server';
export type { Part } from './multipart';

/** How the systems behave if their documentation leaves room. Each switch has its documented default. */
export interface SimulatorsOptions {
  hrflow?: Partial<HrflowSwitches>;
  talentSoft?: Partial<TalentSoftSwitches>;
  oracleORC?: Partial<OracleSwitches>;
  flatchr?: Partial<FlatchrSwitches>;
  /** Epoch milliseconds for tokens, dates and visibility. Default `Date.now`. Delays take real time. */
  now?: Clock;
}

/** Parameters of pushes as users write them, and the systems' addresses, serializable as JSON. */
export type Addresses = ReturnType<typeof addressesOf>;

/** The four systems and the store of attachments, each a real HTTP server on 127.0.0.1. */
export interface Simulators {
  hrflow: HrflowSimulator;
  talentSoft: TalentSoftSimulator;
  oracleORC: OracleSimulator;
  flatchr: FlatchrSimulator;
  files: FileServer;
  /** Returns the environment variables that make a worker use these servers. */
  environment(): Record<string, string>;
  /** Returns addresses, credentials and sample keys. */
  addresses(): Addresses;
  /** Resets every system to its initial state. Addresses stay. */
  reset(): void;
  /** Ends every server and connection. */
  close(): Promise<void>;
}

/** Starts every system on a free port. */
export async function startSimulators(options: SimulatorsOptions = {}): Promise<Simulators> {
  const { now } = options;
  const [hrflow, talentSoft, oracleORC, flatchr, files] = await Promise.all([
    new HrflowSimulator(options.hrflow, now).start(),
    new TalentSoftSimulator(options.talentSoft, now).start(),
    new OracleSimulator(options.oracleORC, now).start(),
    new FlatchrSimulator(options.flatchr, now).start(),
    new FileServer(now).start(),
  ]);
  const systems = { hrflow, talentSoft, oracleORC, flatchr, files };
  const all = [hrflow, talentSoft, oracleORC, flatchr, files];
  return {
    ...systems,
    environment: () => environmentOf(systems),
    addresses: () => addressesOf(systems),
    reset: () => all.forEach((one) => one.reset()),
    close: async () => {
      await Promise.all(all.map((one) => one.close()));
    },
  };
}

type Systems = Pick<Simulators, 'hrflow' | 'talentSoft' | 'oracleORC' | 'flatchr' | 'files'>;

function environmentOf({ hrflow, talentSoft, oracleORC, flatchr, files }: Systems): Record<string, string> {
  const reached = [files.url, hrflow.url, flatchr.url, talentSoft.frontUrl, talentSoft.backUrl, oracleORC.url];
  return {
    HRFLOW_API_URL: hrflow.url,
    FLATCHR_URL: `${flatchr.url}/{subdomain}`,
    HRFLOW_TEMPORAL_EGRESS_ALLOW: reached.map((url) => new URL(url).host).join(','),
  };
}

function addressesOf({ hrflow, talentSoft, oracleORC, flatchr, files }: Systems) {
  const { api_user, keys, source_key } = HRFLOW_ACCOUNT;
  const oracle = new URL(oracleORC.url);
  const compagny = FLATCHR_COMPANY.key;
  const slugs = flatchr.vacancies.map(({ slug }) => slug);
  return {
    hrflow: { url: hrflow.url, originParameters: { api_secret: keys.all, api_user, source_key } },
    profileKeys: hrflow.profileKeys(),
    talentSoft: {
      client_id_front: TALENTSOFT_ACCOUNT.front.id,
      client_secret_front: TALENTSOFT_ACCOUNT.front.secret,
      client_url_front: talentSoft.frontUrl,
      client_id_back: TALENTSOFT_ACCOUNT.back.id,
      client_secret_back: TALENTSOFT_ACCOUNT.back.secret,
      client_url_back: talentSoft.backUrl,
      job_reference: '2024-17',
    },
    oracleORC: {
      authData: { ...ORACLE_ACCOUNT },
      hostAndPort: { host: `${oracle.protocol}//${oracle.hostname}`, port: Number(oracle.port) },
    },
    flatchr: {
      auth: FLATCHR_KEY,
      subdomain: 'careers',
      vacancy: slugs[0] ?? '',
      enrich: { subdomain: 'api', compagny },
    },
    flatchrUrl: flatchr.url,
    flatchrVacancies: slugs,
    filesUrl: files.url,
  };
}
