// The user's functions of the demo: `hrflow-temporal worker --functions tools/demo/functions.mjs`.

/** Logics by the names under which `actionParameters.logics` asks for them; null drops the profile. */
export const logics = {
  atLeastTwoYears: (profile) => (profile.experiences_duration >= 2 ? profile : null),
};
