import { randomBytes } from 'node:crypto';
import { jsonAnswer, type Answer } from '../answers';
import type { RecordedRequest } from '../http-server';
import type { TalentSoftSwitches } from './switches';

/** The two offices of a TalentSoft client, each with its own address and credentials. */
export type Office = 'front' | 'back';

/** The scope that candidate exports ask for (facts 3.1). */
export const EXPORT_SCOPE = 'MatchingIndexation';

const BACK_SCOPES = [EXPORT_SCOPE, 'Customer', 'MetaEngine'];

/** Invented credentials; the secrets hold characters that break when they are not form-encoded. */
export const TALENTSOFT_ACCOUNT = {
  front: { id: 'invented-front-id', secret: 'front+secret/&=é' },
  back: { id: 'invented-back-id', secret: 'back+secret/&=é' },
} as const;

interface Token {
  office: Office;
  scopes: string[];
  expiresAt: number;
}

/** What a bearer header is worth: nothing, an office without the scope, or all that was asked for. */
export type Standing = 'unauthorized' | 'forbidden' | 'granted';

/** Issues and checks the tokens of both offices. */
export class TokenOffice {
  private readonly tokens = new Map<string, Token>();

  /** Answers a token request (facts 3.1); refusals are OAuth style, which the facts call likely. */
  issue(request: RecordedRequest, office: Office, switches: TalentSoftSwitches, now: number): Answer {
    if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
      return refusal('invalid_request', 'The body has to be form-urlencoded.');
    }
    const form = new URLSearchParams(request.body.toString('utf8'));
    if (form.get('grant_type') !== 'client_credentials') return refusal('unsupported_grant_type');
    const { id, secret } = TALENTSOFT_ACCOUNT[office];
    if (form.get('client_id') !== id || form.get('client_secret') !== secret) return refusal('invalid_client');
    const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    if (!scopesAllowed(office, scopes, switches)) return refusal('invalid_scope');
    const value = randomBytes(24).toString('base64url');
    this.tokens.set(value, { office, scopes, expiresAt: now + switches.tokenSeconds * 1000 });
    return jsonAnswer(200, { access_token: value, token_type: 'bearer', expires_in: switches.tokenSeconds });
  }

  /** Judges the `Authorization` header of a request; the case of the word bearer does not matter. */
  judge(request: RecordedRequest, office: Office, scope: string | null, now: number): Standing {
    const value = /^bearer ([\w-]+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const token = this.tokens.get(value);
    if (token?.office !== office || token.expiresAt <= now) return 'unauthorized';
    return scope === null || token.scopes.includes(scope) ? 'granted' : 'forbidden';
  }

  /** Takes back every token that was issued. */
  revokeAll(): void {
    this.tokens.clear();
  }
}

function scopesAllowed(office: Office, scopes: string[], switches: TalentSoftSwitches): boolean {
  if (office === 'front') return scopes.length === 0 || switches.frontScope === 'tolerated';
  return scopes.every((scope) => BACK_SCOPES.includes(scope));
}

function refusal(error: string, description = `The token request was refused: ${error}.`): Answer {
  return jsonAnswer(400, { error, error_description: description });
}
