import { z } from 'zod';
import { profileSchema } from '../../src/connectors/connector';

/** In every planted text; no other text in the test holds it. Lower case, because e-mail addresses may be written so. */
export const TEXT_STEM = 'pq7zx9mk';
/** In every planted number, as its decimals. */
const NUMBER_STEM = '.735192';
/** In every planted date. */
const DATE_STEM = '1907-11-';

/** What to search for to find any planted marker. */
export const STEMS: readonly string[] = [TEXT_STEM, NUMBER_STEM, DATE_STEM];

/** A profile whose every personal member holds a marker, and the markers. */
export interface MarkedProfile {
  readonly profile: Record<string, unknown> & { readonly key: string };
  readonly markers: readonly string[];
  readonly email: string;
}

type Schema = z.core.$ZodType;

let count = 0;

/** A text that stands nowhere else; `about` is for those who read a failed test. */
export function textMarker(about: string): string {
  count += 1;
  return `${TEXT_STEM}${count}${about.replace(/[^a-z]/gi, '').toLowerCase()}`;
}

/**
 * Makes a profile by walking the schema: a marker in each personal member (those added later included), one in an unknown
 * member of each object, plain values elsewhere. What has to have a form (addresses, dates, links) has it.
 *
 * @param variant which branch of a union is taken, counted from 0
 * @param cvUrl address under which the CV is served
 */
export function markedProfile(key: string, variant: number, cvUrl: string): MarkedProfile {
  const markers: string[] = [];
  const keep = (marker: string): string => {
    markers.push(marker);
    return marker;
  };
  const email = `${textMarker('email')}@example.test`;
  const given: Readonly<Record<string, () => unknown>> = {
    key: () => key,
    email: () => keep(email),
    public_url: () => keep(cvUrl),
    file_name: () => 'resume',
    original_file_name: () => `${keep(textMarker('file'))}.pdf`,
    extension: () => '.pdf',
    type: () => 'resume',
  };
  const plant = (schema: Schema, name: string): unknown => {
    const places = concrete(schema);
    const own = given[name];
    if (own && !places.some(({ type }) => type instanceof z.core.$ZodObject)) return own();
    const place = choose(places, variant);
    return place ? valueFor(place, name, keep, plant) : null;
  };
  const profile = plant(profileSchema, 'profile');
  return { profile: z.looseObject({ key: z.string() }).parse(profile), markers, email };
}

interface Place {
  readonly type: Schema;
  readonly personal: boolean;
}

/** What a schema comes down to, with wrappers and unions taken apart. */
function concrete(schema: Schema, outer = false): Place[] {
  const personal = outer || z.globalRegistry.get(schema)?.['personal'] === true;
  if (schema instanceof z.core.$ZodUnion)
    return schema._zod.def.options.flatMap((option) => concrete(option, personal));
  const { def } = schema._zod;
  if ('innerType' in def) return concrete(def.innerType as Schema, personal);
  return [{ type: schema, personal }];
}

/** Texts before other scalars, since they can hold a marker; of several shapes the one of this variant. */
function choose(places: readonly Place[], variant: number): Place | undefined {
  const text = places.find(({ type }) => type instanceof z.core.$ZodString);
  const shapes = places.filter(({ type }) => !(type instanceof z.core.$ZodTuple));
  return text ?? shapes[variant % Math.max(shapes.length, 1)];
}

function valueFor(
  { type, personal }: Place,
  name: string,
  keep: (marker: string) => string,
  plant: (schema: Schema, name: string) => unknown,
): unknown {
  if (type instanceof z.core.$ZodObject) {
    const members = Object.entries(type._zod.def.shape).map(([key, member]) => [key, plant(member, key)] as const);
    return { ...Object.fromEntries(members), unheardOf: keep(textMarker(`unknownIn${name}`)) };
  }
  if (type instanceof z.core.$ZodArray) return [plant(type._zod.def.element, name)];
  if (type instanceof z.core.$ZodRecord) return { one: plant(type._zod.def.valueType, name) };
  if (type instanceof z.core.$ZodBoolean) return true;
  if (type instanceof z.core.$ZodNumber) return personal ? numberMarker(keep) : 1;
  if (!personal) return 'plain';
  return keep(name.startsWith('date_') ? dateMarker() : textMarker(name));
}

function numberMarker(keep: (marker: string) => string): number {
  count += 1;
  return Number(keep(`${(count % 80) + 1}${NUMBER_STEM}${count % 1_000_000}1`));
}

function dateMarker(): string {
  count += 1;
  const seconds = count % 3600;
  const time = [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, '0'));
  return `${DATE_STEM}${String((count % 28) + 1).padStart(2, '0')}T05:${time.join(':')}`;
}
