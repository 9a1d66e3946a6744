/** A profile of which a format can make no document. The message names the field and the reason, never a value. */
export class FormatError extends Error {
  /**
   * @param field path of the field in the profile, such as `info.email`
   * @param reason what is wrong with it, without its value
   */
  constructor(
    readonly field: string,
    reason: string,
  ) {
    super(`${field}: ${reason}`);
    this.name = 'FormatError';
  }
}
