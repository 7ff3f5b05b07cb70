// The texts of the page's language, as the page brought them.

const texts = JSON.parse(document.body.dataset.words);
const zh = document.documentElement.lang.startsWith("zh");

export const say = (key, values = {}) =>
  texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));

// What of a text a cashier of this language can read: Chinese letters, or none.
export const readable = (text) => !zh || /\p{Script=Han}/u.test(text ?? "");

// The API's messages come as "中文 / English".
export function ours(message) {
  const [chinese, ...english] = (message ?? "").split(" / ");
  return zh || english.length === 0 ? chinese : english.join(" / ");
}
