/** Starts and goes on with characters that mean nothing to YAML. */
const PLAIN = /^[A-Za-z0-9_./][A-Za-z0-9_./:@+=,()%$!*'&;~^?<>|\- ]*$/;
/** What YAML 1.1, some parsers of it or YAML 1.2 read as something other than a text. */
const RESOLVED: readonly RegExp[] = [
  /^(y|n|yes|no|on|off|true|false|null|nan|~)$/i,
  // Integers, floats, sexagesimals, dates, and what looks like them.
  /^[-+.]?[0-9][0-9a-f_.:+-]*$/i,
  /^[-+]?0[xob]/i,
  /^[-+]?\.(inf|nan)$/i,
  /^\d{4}-\d\d?-\d\d?([Tt ]|$)/,
  /^\.+$/,
  /^---|^\.\.\.|^<<$/,
];

/** A text in one line: plain where every parser reads it as that text, else in double quotes. */
export function yamlText(text: string): string {
  return isPlainText(text) ? text : doubleQuoted(text);
}

export function isPlainText(text: string): boolean {
  if (!PLAIN.test(text) || text.endsWith(" ") || text.endsWith(":")) return false;
  return !text.includes(": ") && !text.includes(" #") && !RESOLVED.some((pattern) => pattern.test(text));
}

/** JSON's texts are YAML's double-quoted ones, but for characters that YAML does not print. */
function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g, (char) => `\\u${hex(char)}`);
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(4, "0");
}

/** Lines that start at a word, and end without spaces before at most one line break: what `{{-` after it cannot harm. */
const BLOCK = /^[^\s].*(\n.*)*[^\s]\n?$/u;
const UNPRINTABLE = /[^\n\t\u0020-\u007e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** True when a text is better read, and as safe, in a block of lines. */
export function isBlockText(text: string): boolean {
  return text.trimEnd().includes("\n") && BLOCK.test(text) && !UNPRINTABLE.test(text) && !/^\t/m.test(text);
}

/** A `{{` that is meant as text. */
export function escapeTemplate(text: string): string {
  return text.replaceAll("{{", '{{ "{{" }}');
}
