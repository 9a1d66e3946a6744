import { isObject } from '../util/objects';

type Members = Readonly<Record<string, unknown>>;

/** The lists in which profiles of earlier years hold their skills, by the `type` that these have today. */
const OLDER_SKILLS = [
  ['hard', 'hard_skills'],
  ['soft', 'soft_skills'],
] as const;

/** Lists of what has a name: their items are objects, and a text counts as the name of one. */
const NAMED_LISTS = [
  ...['skills', 'hard_skills', 'soft_skills', 'languages'],
  ...['certifications', 'courses', 'tasks', 'interests'],
];

/**
 * A profile as HrFlow.ai writes it today, from one of earlier years: dates that are wrapped as `{ "iso8601": text }` become their text, skills,
 * languages and the like that are texts become objects with that `name`, and `hard_skills` and `soft_skills` become `skills` of those types,
 * in the profile and in its entries, unless there are `skills`. Whatever else it holds stays as it is.
 */
export function asOfToday(profile: Members): Members {
  const own = entryAsOfToday(profile);
  return {
    ...own,
    ...(isObject(own['info']) && { info: withPlainDates(own['info']) }),
    ...mapped(own, 'experiences', entryAsOfToday),
    ...mapped(own, 'educations', entryAsOfToday),
    ...mapped(own, 'attachments', withPlainDates),
    ...mapped(own, 'labels', withPlainDates),
  };
}

function entryAsOfToday(entry: Members): Members {
  return withSkills(withNames(withPlainDates(entry)));
}

function withPlainDates(members: Members): Members {
  const plain = Object.entries(members).map(([name, value]) => {
    return [name, isObject(value) && 'iso8601' in value ? value['iso8601'] : value] as const;
  });
  return Object.fromEntries(plain);
}

function withNames(members: Members): Members {
  const named = NAMED_LISTS.filter((name) => Array.isArray(members[name])).map((name) => {
    const items = listOf(members, name).map((item) => (typeof item === 'string' ? { name: item } : item));
    return [name, items] as const;
  });
  return { ...members, ...Object.fromEntries(named) };
}

function withSkills(members: Members): Members {
  if (listOf(members, 'skills').length > 0) return members;
  const skills = OLDER_SKILLS.flatMap(([type, name]) => listOf(members, name).map((skill) => typed(skill, type)));
  return skills.length === 0 ? members : { ...members, skills };
}

function typed(skill: unknown, type: string): unknown {
  return isObject(skill) ? { ...skill, type: skill['type'] ?? type } : skill;
}

function mapped(members: Members, name: string, change: (entry: Members) => Members): Members {
  const entries = members[name];
  if (!Array.isArray(entries)) return {};
  return { [name]: entries.map((entry: unknown) => (isObject(entry) ? change(entry) : entry)) };
}

function listOf(members: Members, name: string): readonly unknown[] {
  const value = members[name];
  return Array.isArray(value) ? value : [];
}
