// What the other side says, for messages and logs. Some give back the whole request, with what was shown to them.

/** Shorter ones are no secrets, and stand in many a word. */
const LEAST_LENGTH = 4;

/** `text` with "…" for each of these, as they are and as forms and addresses write them. */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  const forms = secrets
    .filter((secret) => secret !== undefined)
    .flatMap((secret) => [secret, encodeURIComponent(secret), new URLSearchParams({ '': secret }).toString().slice(1)])
    .filter((form) => form.length >= LEAST_LENGTH)
    // One may be a part of another.
    .sort((a, b) => b.length - a.length);
  return forms.reduce((said, form) => said.replaceAll(form, '…'), text);
}
