import { type Page, expect, test } from '@playwright/test';
import { signIn } from './support/people';
import { begin, matterOf } from './support/wizard';

test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, 'the keyboard is the same without scripts');
test.beforeEach(async ({}, info) => test.skip(info.project.name !== 'phone', 'the sizes are those of the tests'));

/** Tabs through a page; returns the controls of which less than half can be seen when they have the focus. */
async function covered(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (let tabs = 0; tabs < 120; tabs += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const control = document.activeElement;
      if (!control || control === document.body) return 'end';
      if (!control.matches('main input, main select, main textarea, main button, main summary')) return '';
      const { left, top, width, height } = control.getBoundingClientRect();
      const points = [0.25, 0.5, 0.75].map((part) => document.elementFromPoint(left + width / 2, top + height * part));
      const visible = points.filter((at) => at !== null && (control.contains(at) || at.contains(control))).length;
      return visible >= 2 ? '' : control.getAttribute('name') ?? control.textContent ?? '';
    });
    if (seen === 'end') break;
    if (seen !== '') found.push(seen);
  }
  return found;
}

for (const [name, width, height, text] of [
  ['zoomed to 300 %', 427, 267, 100],
  ['zoomed to 400 %', 320, 200, 100],
  ['with text of 200 %', 390, 844, 200],
  ['as it is', 390, 844, 100],
] as const) {
  test(`on a page ${name}, nothing covers the control that has the focus`, async ({ page }) => {
    test.setTimeout(180_000);
    await signIn(page, 'applicant');
    await begin(page);
    const edit = `/matters/${matterOf(page)}/edit`;
    await page.setViewportSize({ width, height });
    for (const path of [`${edit}/business`, `${edit}/person`, `${edit}/attachments`, '/offline']) {
      await page.goto(path);
      await page.evaluate((size) => document.documentElement.style.setProperty('font-size', `${size}%`), text);
      expect(await covered(page), path).toEqual([]);
    }
    await page.context().clearCookies();
    await page.goto('/register/individual');
    await page.evaluate((size) => document.documentElement.style.setProperty('font-size', `${size}%`), text);
    expect(await covered(page), '/register/individual').toEqual([]);
  });
}

test('in forced colours the current item and the main button differ from the others by shape', async ({ page }) => {
  await signIn(page, 'applicant');
  await page.emulateMedia({ forcedColors: 'active' });
  const style = (selector: string) =>
    page.locator(selector).first().evaluate((element) => {
      const { outlineStyle, outlineWidth, borderTopStyle, borderTopWidth } = getComputedStyle(element);
      return [outlineStyle, outlineWidth, borderTopStyle, borderTopWidth].join(' ');
    });
  await page.goto('/matters');
  expect(await style('.nav-link[aria-current]')).not.toBe(await style('.nav-link:not([aria-current])'));
  expect(await style('.tab-link[aria-current]')).not.toBe(await style('.tab-link:not([aria-current])'));
  await begin(page);
  await page.locator('.steps-fold summary').click();
  expect(await style('.steps-fold .step[aria-current]')).not.toBe(await style('.steps-fold .step:not([aria-current])'));
  expect(await style('.actions .btn-primary')).not.toBe(await style('.actions .btn-outline'));
});
