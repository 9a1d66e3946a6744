import type { RecordedRequest } from '../http-server';
import { isObject, parseJson, type JsonObject } from '../json';
import type { Part } from '../multipart';
import { Refusal } from '../refusal';
import type { TalentSoftSwitches } from './switches';

/** Name of the text part that holds the document. */
const DOCUMENT_PART = 'applicantApplication';

const PERSONAL_TEXTS = [
  'firstName',
  'lastName',
  'middleName',
  'title',
  'birthDate',
  'phoneNumber',
  'email',
  'address',
  'city',
  'postalCode',
  'country',
];

/** A file that came with an application. */
export interface ApplicationFile extends Part {
  description: string;
  fileTypeId: number;
}

/** An application that passed every check. */
export interface CheckedApplication {
  document: JsonObject;
  applicant: JsonObject;
  personal: JsonObject;
  offerReference: string | null;
  files: ApplicationFile[];
}

/**
 * Reads a create request (facts 3.4).
 *
 * @throws Refusal naming the invalid value
 */
export function readApplication(request: RecordedRequest, switches: TalentSoftSwitches): CheckedApplication {
  if (request.parts === undefined) throw new Refusal('The body is no well-formed multipart/form-data document.');
  const document = readDocument(request.parts);
  const applicant = member(document, 'applicant');
  const personal = member(applicant, 'personalInformation');
  checkPersonal(personal, switches);
  checkPreferences(applicant);
  checkCareer(applicant);
  const offerReference = readOffer(member(document, 'application'), switches);
  return { document, applicant, personal, offerReference, files: readFiles(document, request.parts, switches) };
}

function readDocument(parts: Part[]): JsonObject {
  const texts = parts.filter((part) => part.name === DOCUMENT_PART && part.fileName === null);
  const [text] = texts;
  demand(texts.length === 1 && text !== undefined, `One text part ${DOCUMENT_PART} is required.`);
  const document = parseJson(text.body);
  demand(isObject(document), `${DOCUMENT_PART} is no JSON object.`);
  return document;
}

function checkPersonal(personal: JsonObject, switches: TalentSoftSwitches): void {
  for (const name of PERSONAL_TEXTS) {
    demand(isOptional(personal[name], 'string'), `personalInformation.${name} has to be a text.`);
  }
  for (const name of switches.requiredFields) {
    demand((personal[name] ?? '') !== '', `personalInformation.${name} is required.`);
  }
  checkReferential(personal.civility, 'civility');
}

function checkPreferences(applicant: JsonObject): void {
  const preferences = optionalMember(applicant, 'jobPreferences');
  checkReferential(preferences.contractType, 'contractType');
  demand(isOptional(preferences.salaryPretensions, 'string'), 'jobPreferences.salaryPretensions has to be a text.');
}

function checkCareer(applicant: JsonObject): void {
  for (const diploma of optionalList(optionalMember(applicant, 'education'), 'diplomas')) {
    checkReferential(diploma.educationLevel, 'educationLevel');
    demand(isNumberOrBlank(diploma.yearObtained), 'diplomas[].yearObtained has to be a number.');
    demand(isOptional(diploma.college, 'string'), 'diplomas[].college has to be a text.');
  }
  const experiences = optionalMember(applicant, 'experiences');
  checkReferential(experiences.experienceLevel, 'experienceLevel');
  for (const experience of optionalList(experiences, 'experienceList')) {
    demand(isNumberOrBlank(experience.length), 'experienceList[].length has to be a number.');
    demand(isOptional(experience.company, 'string'), 'experienceList[].company has to be a text.');
    demand(isOptional(experience.function, 'string'), 'experienceList[].function has to be a text.');
  }
}

function checkReferential(item: unknown, type: string): void {
  if (item === undefined || item === null) return;
  const isItem = isObject(item) && Number.isInteger(item.code) && typeof item.clientCode === 'string';
  demand(isItem && item.type === type, `${type} is no item of the referential ${type}.`);
}

function readOffer(application: JsonObject, { offers }: TalentSoftSwitches): string | null {
  demand(typeof application.type === 'string' && application.type !== '', 'application.type is required.');
  const reference = application.offerReference ?? '';
  demand(typeof reference === 'string', 'application.offerReference has to be a text.');
  demand(reference === '' || offers === null || offers.includes(reference), `There is no offer ${reference}.`);
  return reference === '' ? null : reference;
}

function readFiles(document: JsonObject, parts: Part[], switches: TalentSoftSwitches): ApplicationFile[] {
  const fileParts = parts.filter((part) => part.fileName !== null);
  const files = optionalList(document, 'uploadedFiles').map((declared) => {
    const { key, fileTypeId, description } = declared;
    const part = fileParts.find(({ name }) => name === key);
    demand(
      part !== undefined && part.fileName !== '',
      `uploadedFiles names the file ${String(key)}, which is missing.`,
    );
    demand(typeof fileTypeId === 'number' && Number.isInteger(fileTypeId), 'uploadedFiles[].fileTypeId is required.');
    demand(isOptional(description, 'string'), 'uploadedFiles[].description has to be a text.');
    return { ...part, fileTypeId, description: typeof description === 'string' ? description : '' };
  });
  const declared = new Set(files.map(({ name }) => name));
  const stray = fileParts.find(({ name }) => !declared.has(name));
  demand(stray === undefined || switches.undeclaredFile === 'tolerated', `The file ${stray?.name} is not declared.`);
  return files;
}

function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Refusal(message);
}

function member(owner: JsonObject, name: string): JsonObject {
  const value = owner[name];
  demand(isObject(value), `${name} is required.`);
  return value;
}

function optionalMember(owner: JsonObject, name: string): JsonObject {
  return owner[name] === undefined || owner[name] === null ? {} : member(owner, name);
}

function optionalList(owner: JsonObject, name: string): JsonObject[] {
  const value = owner[name] ?? [];
  demand(Array.isArray(value) && value.every(isObject), `${name} has to be a list of objects.`);
  return value;
}

function isOptional(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || value === null || typeof value === type;
}

function isNumberOrBlank(value: unknown): boolean {
  return value === '' || isOptional(value, 'number');
}
