import { describe, expect, it } from '@jest/globals';
import { saysDuplicate } from '../../../../src/connectors/shared/says-duplicate';

describe('a body that says duplicate', () => {
  it.each([
    'A duplicate candidate with this e-mail address exists.',
    'DUPLICATED_APPLICATION',
    'This e-mail address already exists.',
    'The e-mail is already in use',
    'The address has already been used',
    'email already used',
    'This e-mail is already taken',
    'User already registered',
    'You have already applied to this job',
    'The candidate has applied already.',
    'Application was already\n submitted',
    'Cet e-mail existe déjà',
    'Adresse déjà existante',
    'Cette adresse est déjà utilisée.',
    'Adresse e-mail déjà été utilisée',
    'Vous avez déjà candidaté à cette offre',
    'Ce candidat a DÉJÀ POSTULÉ',
    'Candidat déjà inscrit',
    'Vous êtes déjà enregistré',
    'Doublon détecté',
    'Cet e-mail existe de\u0301ja\u0300',
  ])('in the words %j is one, as text and within JSON', (words) => {
    expect(saysDuplicate(words)).toBe(true);
    expect(saysDuplicate({ statusCode: 400, errors: [{ message: words }] })).toBe(true);
    expect(saysDuplicate([words])).toBe(true);
  });

  it.each([
    '',
    'LastName is required',
    'The vacancy does not exist',
    'This vacancy is closed already.',
    'The key has expired already',
    "L'annonce n'existe pas",
    'L’annonce est déjà fermée',
    'Les champs utilisés ne sont pas valides',
    null,
    undefined,
    5,
    {},
    [],
  ])('is not %j', (body) => {
    expect(saysDuplicate(body)).toBe(false);
    expect(saysDuplicate({ message: body })).toBe(false);
  });
});
