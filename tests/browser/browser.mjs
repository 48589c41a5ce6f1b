/**
 * A browser in front of the deployment under test, and what holds for everything that it shows.
 *
 * Each reader has a browser profile of its own: cookies, language, size of window. While it is open three things are noted, and
 * fail the test: what the page logs as an error, what its content security policy blocks, and any request to elsewhere.
 *
 * `cargo e2e` sets CHROMIUM_BIN; by hand: `BASE_URL=… ADMIN_KEY=… CHROMIUM_BIN=… node --test tests/browser`.
 */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after } from "node:test";
import { chromium } from "playwright-core";
import { baseUrl } from "../black-box/client.mjs";

const axe = createRequire(import.meta.url)("axe-core");

export const DESKTOP = { width: 1280, height: 800 };
/** The narrowest window that everything must fit into. */
export const PHONE = { width: 360, height: 740 };

/** The session's cookie. */
export const SESSION_COOKIE = "__Host-rl";

/** Longer than the machine is ever busy; what takes so long does not come. */
const WAIT_MS = 20_000;

let browser;

async function launch() {
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM_BIN || undefined,
    // What is shown is our own page, and a container's user may have no sandbox.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  return browser;
}

after(async () => {
  await (await browser)?.close();
});

/**
 * Opens a window of somebody new; it is closed, and what was noted asserted, when test `t` ends.
 *
 * `key` signs in by the form; `path` is what is opened then; `prepare` gets the profile before anything is. `expected` is a list of
 * patterns of what may be logged as an error: a browser logs every answer of 400 and above.
 */
export async function open(
  t,
  { key, path = "/worklist/", language = "en", viewport = DESKTOP, expected = [], prepare = () => {}, ...options } = {},
) {
  const context = await (await launch()).newContext({
    baseURL: baseUrl,
    locale: language,
    viewport,
    timezoneId: "America/New_York",
    ...options,
  });
  context.setDefaultTimeout(WAIT_MS);
  const noted = [];
  await note(context, noted);
  t.after(async () => {
    await context.close();
    assert.deepEqual(
      noted.filter((line) => !expected.some((pattern) => pattern.test(line))),
      [],
    );
  });
  await prepare(context);
  const page = await context.newPage();
  if (key) {
    await page.goto("/worklist/");
    await signIn(page, key);
  }
  if (!key || path !== "/worklist/") await page.goto(path);
  return page;
}

/** Types a key into the form and waits for what stands behind it. */
export async function signIn(page, key) {
  await page.locator("#key").fill(key);
  await page.locator("#sign-in button").click();
  await page.locator("[data-sign-out]").waitFor();
}

async function note(context, noted) {
  await context.exposeFunction("noteBlocked", (what) => noted.push(`blocked: ${what}`));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      window.noteBlocked(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  context.on("console", (message) => {
    if (message.type() === "error") noted.push(`console: ${message.text()} (${new URL(message.location().url || baseUrl).pathname})`);
  });
  context.on("weberror", ({ error }) => noted.push(`thrown: ${error().stack}`));
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (["http:", "https:", "ws:", "wss:"].includes(url.protocol) && url.origin !== new URL(baseUrl).origin) {
      noted.push(`outside: ${url.href}`);
    }
  });
}

/** Asserts that axe-core finds nothing serious in what a page shows, and nothing at all against WCAG 2.2 AA. */
export async function assertAccessible(page) {
  // Evaluated by the debugger, which no policy of the page stops.
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const rules = { "target-size": { enabled: true } };
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"], rules });
    return violations.map(({ id, impact, tags, nodes }) => ({
      id,
      impact,
      isStandard: tags.some((tag) => tag.startsWith("wcag")),
      where: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    }));
  });
  const serious = found.filter(({ impact, isStandard }) => isStandard || ["serious", "critical"].includes(impact));
  assert.deepEqual(serious, [], page.url());
}

/** Asserts that nothing sticks out of the window to the side. */
export async function assertFits(page) {
  const { wide, width } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    width: innerWidth,
  }));
  assert.ok(wide <= width, `${page.url()} is ${wide} wide in a window of ${width}`);
}

/** Asserts that whoever goes through the page by the keyboard always sees where they are; gives how many places there are. */
export async function assertFocusVisible(page) {
  const PLACES_MAX = 300;
  let places = 0;
  // It begins wherever the page was last clicked, and goes past the end of the page once.
  for (let pressed = 0; pressed < PLACES_MAX; pressed += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const { activeElement: element } = document;
      if (!element || element === document.body || element === document.documentElement) return null;
      const wasSeen = element.hasAttribute("data-test-seen");
      element.setAttribute("data-test-seen", "");
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const { width, height } = element.getBoundingClientRect();
      return { wasSeen, what: element.outerHTML.slice(0, 200), outlineStyle, outlineWidth: parseFloat(outlineWidth), width, height };
    });
    if (!at) continue;
    if (at.wasSeen) return places;
    places += 1;
    assert.ok(at.outlineStyle !== "none" && at.outlineWidth >= 2, JSON.stringify(at));
    assert.ok(at.width > 0 && at.height > 0, JSON.stringify(at));
  }
  throw new Error(`${page.url()} has more than ${PLACES_MAX} places for the focus`);
}

/** Everything that holds for each view whatever it shows, in the window that it is in. */
export async function assertUsable(page) {
  await assertAccessible(page);
  await assertFits(page);
}
