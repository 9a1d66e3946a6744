import { HRFLOW_ACCOUNT, makeProfile, samplePdf, startSimulators, type Simulators } from '../test/simulators';
import { startControl } from '../test/simulators/control';

/** Characters of free text in the profile. By default it has about the 9 KB of a parsed CV. */
const TEXT_LENGTH = Number(process.env['BENCH_TEXT_LENGTH'] ?? 6_000);
/** Bytes of the CV. Each push downloads and uploads it; no history holds it. */
const CV_BYTES = 60_000;

const WORDS =
  'projet équipe client données service qualité gestion développement logiciel analyse réseau produit marché conseil outil'.split(
    ' ',
  );

/** Runs the simulators as a separate process. Prints one line of JSON with addresses and the control server's URL. */
async function main(): Promise<void> {
  const simulators = await startSimulators();
  const { profileKey, profileBytes } = seed(simulators);
  const control = await startControl(simulators, () => void seed(simulators));
  const { hrflow, flatchr, filesUrl, flatchrUrl } = simulators.addresses();
  const environment = simulators.environment();
  console.log(
    JSON.stringify({
      environment,
      hrflow,
      flatchr,
      filesUrl,
      flatchrUrl,
      control: control.url,
      profileKey,
      profileBytes,
    }),
  );
}

function seed({ files, hrflow }: Simulators) {
  const cv = Buffer.concat([samplePdf('CV'), Buffer.alloc(CV_BYTES, '%'), Buffer.from('\n%%EOF\n')]);
  const cvUrl = files.put('cv/bench.pdf', cv, 'application/pdf');
  const profile = { ...makeProfile(1, { cvUrl, cvSize: cv.length }), text: words(TEXT_LENGTH) };
  hrflow.putProfile(HRFLOW_ACCOUNT.source_key, profile);
  return { profileKey: profile.key, profileBytes: Buffer.byteLength(JSON.stringify(profile)) };
}

/** Returns text that compresses about as well as prose, the same in every run. */
function words(length: number): string {
  let text = '';
  for (let state = 1; text.length < length;) {
    state = (state * 48_271) % 2_147_483_647;
    text += `${WORDS[state % WORDS.length] ?? ''}${(state >> 8) % 11 === 0 ? state % 1000 : ''} `;
  }
  return text;
}

void main();
