import { describe, expect, test } from '@jest/globals';
import { HRFLOW_ACCOUNT, makeProfile, samplePdf, sampleProfiles, seedSampleData } from '../../simulators';
import { startControl } from '../../simulators/control';
import { createApplicant, dig, HRFLOW_HEADERS, useSimulators } from './support';

const { get } = useSimulators();

test('a sample PDF has a cross-reference table that leads to its objects', () => {
  const text = samplePdf('CV (Zoé) \\ Łódź').toString('latin1');
  expect(text.startsWith('%PDF-1.4\n')).toBe(true);
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  expect(text.slice(table, table + 4)).toBe('xref');
  const offsets = [...text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset));
  expect(offsets).toHaveLength(5);
  offsets.forEach((offset, index) => expect(text.slice(offset).startsWith(`${index + 1} 0 obj`)).toBe(true));
  expect(text).toContain('(CV \\(Zoé\\) \\\\ ?ód?)');
});

test('made profiles share no key, e-mail address and last name', () => {
  const profiles = Array.from({ length: 500 }, (_, number) => makeProfile(number, { cvUrl: 'http://127.0.0.1/cv' }));
  for (const field of [
    profiles.map(({ key }) => key),
    profiles.map(({ info }) => info.email),
    profiles.map(({ info }) => info.last_name),
  ]) {
    expect(new Set(field).size).toBe(500);
  }
  expect(profiles.every(({ key }) => /^[0-9a-f]{40}$/.test(key))).toBe(true);
});

test('sample profiles have one with quotes and letters outside Latin-1', () => {
  const names = sampleProfiles({ fileUrl: (name) => `http://127.0.0.1/${name}` }).map(({ info }) => info.full_name);
  expect(names).toContain('Élodie "Zoé" O\'Neil Łódź');
});

test('seeded profiles can be read, and their CVs downloaded', async () => {
  const [profile] = seedSampleData(get());
  const query = new URLSearchParams({ source_key: HRFLOW_ACCOUNT.source_key, key: profile?.key ?? '' });
  const read = await fetch(`${get().hrflow.url}/profile/indexing?${query.toString()}`, { headers: HRFLOW_HEADERS });
  const data = dig(await read.json(), 'data');
  expect(data).toEqual(profile);
  const cv = await fetch(String(dig(data, 'attachments', 0, 'public_url')));
  expect(cv.headers.get('content-type')).toBe('application/pdf');
  expect((await cv.text()).startsWith('%PDF-')).toBe(true);
});

test('addresses and environment name every server', () => {
  const { flatchr, files, hrflow, oracleORC, talentSoft } = get();
  const { HRFLOW_TEMPORAL_EGRESS_ALLOW: allowed, ...urls } = get().environment();
  expect(urls).toEqual({ HRFLOW_API_URL: hrflow.url, FLATCHR_URL: `${flatchr.url}/{subdomain}` });
  for (const url of [flatchr.url, files.url, hrflow.url, oracleORC.url, talentSoft.frontUrl, talentSoft.backUrl]) {
    expect(allowed?.split(',')).toContain(new URL(url).host);
  }
  const addresses = get().addresses();
  expect(JSON.parse(JSON.stringify(addresses))).toEqual(addresses);
  const { host, port } = addresses.oracleORC.hostAndPort;
  expect(`${host}:${port}`).toBe(oracleORC.url);
});

describe('the control server', () => {
  test('shows requests and state, takes faults, and resets', async () => {
    const control = await startControl(get(), () => seedSampleData(get()));
    try {
      const rule = { system: 'flatchr', operation: 'create', fault: { kind: 'status', status: 503 } };
      const added = await fetch(`${control.url}/faults`, { method: 'POST', body: JSON.stringify(rule) });
      expect(added.status).toBe(201);
      expect((await createApplicant(get())).status).toBe(503);
      expect((await createApplicant(get())).status).toBe(201);
      const requests = await (await fetch(`${control.url}/requests?system=flatchr`)).json();
      expect(requests).toMatchObject([{ system: 'flatchr', status: 503, fault: 'status' }, { status: 201 }]);
      const body = Buffer.from(String(dig(requests, 0, 'body')), 'base64').toString('utf8');
      expect(dig(JSON.parse(body), 'firstname')).toBe('Zoé');
      const state = await (await fetch(`${control.url}/state`)).json();
      expect(dig(state, 'flatchr', 'applicants')).toMatchObject([
        { email: 'zoe@example.test', file: { bytes: { bytes: 9 } } },
      ]);
      await fetch(`${control.url}/reset`, { method: 'POST' });
      expect(get().flatchr.applicants).toHaveLength(0);
      expect(get().hrflow.profileKeys()).toHaveLength(5);
    } finally {
      await control.close();
    }
  });

  test('refuses what it does not know', async () => {
    const control = await startControl(get());
    try {
      const wrong = JSON.stringify({ system: 'flatchr', fault: { kind: 'earthquake' } });
      expect((await fetch(`${control.url}/faults`, { method: 'POST', body: wrong })).status).toBe(400);
      expect((await fetch(`${control.url}/faults`, { method: 'POST', body: '{' })).status).toBe(400);
      expect((await fetch(`${control.url}/requests?system=sap`)).status).toBe(400);
      expect((await fetch(`${control.url}/nothing`)).status).toBe(404);
    } finally {
      await control.close();
    }
  });
});
