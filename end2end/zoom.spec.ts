import { type Page, expect, test } from '@playwright/test';
import { register, signIn, signedInPage, somebody } from './support/people';
import { PDF, begin, button, decide, file, fillAll, matterOf, pay } from './support/wizard';

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
  expect(await style('.bar-link[aria-current]')).not.toBe(await style('.bar-link:not([aria-current])'));
  expect(await style('.tab-link[aria-current]')).not.toBe(await style('.tab-link:not([aria-current])'));
  await begin(page);
  await page.locator('.steps-fold summary').click();
  expect(await style('.steps-fold .step[aria-current]')).not.toBe(await style('.steps-fold .step:not([aria-current])'));
  expect(await style('.actions .btn-primary')).not.toBe(await style('.actions .btn-outline'));
});

/** Expects that no page at these paths is wider than a narrow screen. */
async function narrow(page: Page, paths: string[]): Promise<void> {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of paths) {
    expect((await page.goto(path))!.status(), path).toBe(200);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
  }
}

test('no page of those who review a case is wider than 320 px, whatever its files are called', async ({ page, browser }) => {
  test.setTimeout(240_000);
  const me = somebody();
  await register(page, me);
  await begin(page);
  const matter = matterOf(page);
  await page.goto(`/matters/${matter}/edit/attachments`);
  await page.setInputFiles('[name=other]', [
    file(`${'a'.repeat(240)}.pdf`, 'application/pdf', PDF),
    file(`${'W'.repeat(70)}.pdf`, 'application/pdf', Buffer.concat([PDF, Buffer.from('\n')])),
  ]);
  await button(page, '暂存草稿箱').click();
  await expect(page.getByRole('link', { name: /a{20}/ })).toHaveCount(1);
  await page.goto(`/matters/${matter}/edit/business`);
  await fillAll(page, me.name);
  await button(page, '提交').click();
  await expect(page.getByRole('heading', { name: '操作完成' })).toBeVisible();
  const matterPages = [`/matters/${matter}`, `/matters/${matter}/print`];
  const institution = await signedInPage(browser, 'inst-a');
  await narrow(institution, [...matterPages, `/matters/${matter}/return`, '/institution', '/institution/bills', '/institution/apply', '/me']);
  await decide(institution, matter, 'pass', '初核通过');
  await narrow(page, [`/matters/${matter}/pay`]);
  await pay(page, matter);
  await narrow(page, [...matterPages, '/matters', '/me/messages', '/me/messages/settings']);
  const officer = await signedInPage(browser, 'officer');
  await narrow(officer, [...matterPages, `/matters/${matter}/return`, '/association', '/association/certificates']);
  await decide(officer, matter, 'accept', '受理');
  await narrow(officer, [`/matters/${matter}/assign`]);
  await officer.getByLabel(/沈文博/).check();
  await officer.getByLabel(/郑雅琴/).check();
  await button(officer, '指派专家').click();
  await officer.waitForURL(`**/matters/${matter}`);
  await narrow(await signedInPage(browser, 'expert1'), [`/expert/registrations/${matter}`, '/expert', '/expert/registrations', '/expert/appeals']);
  await narrow(await signedInPage(browser, 'finance'), ['/association/payments']);
});

test('no table is wider than its place, whatever the width of the window', async ({ browser }) => {
  for (const [account, path] of [['certified', '/matters'], ['officer', '/association'], ['inst-a', '/institution'], ['certified', '/me/messages/settings']] as const) {
    const page = await signedInPage(browser, account);
    for (const width of [1280, 1024, 800]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(path);
      const wide = await page.locator('.table-frame').evaluateAll((frames) => frames.filter((frame) => frame.scrollWidth > frame.clientWidth).length);
      expect(await page.locator('.table-frame').count(), `${path} has a table`).toBeGreaterThan(0);
      expect(wide, `${path} at ${width}`).toBe(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} at ${width}`).toBeLessThanOrEqual(width);
    }
    await page.context().close();
  }
});
