import { type Browser, type Page, expect, test } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';
import { signIn } from './support/people';
import { button, submitted } from './support/wizard';

/** The page of a reviewer, in a context of its own, which the checker of accessibility asks for. */
async function reviewer(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, 'inst-a');
  return page;
}

/** Whether the whole of an element is inside the window. */
const isInSight = (page: Page, selector: string) =>
  page.locator(selector).first().evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });

const faults = async (page: Page) => (await new AxeBuilder({ page }).analyze()).violations.map((found) => `${found.id}: ${found.nodes[0]?.target}`);

test('a reviewer decides a registration on one screen, without a download and without scrolling back', { tag: '@both' }, async ({ page, browser, javaScriptEnabled }, info) => {
  test.skip(info.project.name !== 'desktop', 'the size is that of the test');
  test.setTimeout(120_000);
  const { matter } = await submitted(page);
  const institution = await reviewer(browser);
  let downloads = 0;
  institution.on('download', () => { downloads += 1; });
  await institution.setViewportSize({ width: 1280, height: 800 });
  await institution.goto(`/matters/${matter}`);
  const pass = 'form[data-move=pass] button[value=pass]';
  expect(await isInSight(institution, pass)).toBe(true);

  // The diploma beside the record that it proves.
  const diploma = institution.locator('.record', { hasText: '北京科技大学' }).locator('details.in-place');
  await diploma.locator('summary').click();
  const picture = diploma.locator('.in-place-view img');
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)).toBe(true);
  // From the list of all files to the place of one.
  await institution.getByRole('link', { name: '材料', exact: true }).click();
  await institution.locator('.gallery a', { hasText: '身份证件人像面' }).click();
  await expect(institution.getByAltText('身份证件人像面')).toBeVisible();

  // The number is compared with the scan.
  await institution.getByText('显示完整证件号').click();
  await institution.getByLabel('查看事由').selectOption({ label: '核对证件材料' });
  await institution.getByRole('button', { name: '显示', exact: true }).click();
  await expect(institution.locator('.case-identity')).toContainText(/\d{17}[\dX]/);
  expect(await faults(institution)).toEqual([]);

  await institution.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  expect(await isInSight(institution, pass)).toBe(true);
  if (javaScriptEnabled !== false) {
    await institution.locator('form[data-move=pass] [name=_phrase]').selectOption('材料齐全，内容属实，同意。');
    await expect(institution.locator('#note-pass')).toHaveValue('材料齐全，内容属实，同意。');
  }
  await institution.locator(pass).click();
  await expect(institution.getByText('待个人缴费').first()).toBeVisible();
  expect(downloads).toBe(0);
});

test('the same with a thumb', async ({ page, browser }, info) => {
  test.skip(info.project.name !== 'desktop', 'the size is that of the test');
  test.setTimeout(120_000);
  const { matter } = await submitted(page);
  const institution = await reviewer(browser);
  await institution.setViewportSize({ width: 390, height: 844 });
  await institution.goto(`/matters/${matter}`);
  expect(await institution.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  const jump = institution.locator('.case-jump a');
  expect(await isInSight(institution, '.case-jump a')).toBe(true);
  const box = (await jump.boundingBox())!;
  expect(box.height).toBeGreaterThanOrEqual(44);
  expect(box.y, 'in the lower half of the screen').toBeGreaterThan(422);
  await jump.click();
  await expect.poll(() => isInSight(institution, '#note-pass')).toBe(true);
  // Nothing lies over the opinion.
  await institution.locator('#note-pass').fill('材料齐全。');
  expect(await institution.locator('#note-pass').evaluate((field) => {
    const { left, top, width, height } = field.getBoundingClientRect();
    return field.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  })).toBe(true);
  expect(await faults(institution)).toEqual([]);
  await institution.locator('form[data-move=pass] button[value=pass]').click();
  await expect(institution.getByText('待个人缴费').first()).toBeVisible();
});

test('a flagged line asks for its reason, and the button counts the flags', async ({ page, browser }, info) => {
  test.skip(info.project.name !== 'desktop', 'the same on a phone');
  test.setTimeout(120_000);
  const { matter } = await submitted(page);
  const institution = await reviewer(browser);
  await institution.goto(`/matters/${matter}/return`);
  const line = institution.locator('.flag[data-part=证件照]');
  await expect(line.locator('.flag-more')).toBeHidden();
  await line.getByLabel('证件照', { exact: true }).check();
  await line.getByLabel(/证件照不符合要求/).check();
  await institution.locator('.record', { hasText: '北京科技大学' }).getByLabel('本条需整改').check();
  const text = await institution.locator('.actions > .btn-primary').evaluate((button) => getComputedStyle(button, '::after').content);
  expect(text).toContain('counter(flags)');
  expect(await faults(institution)).toEqual([]);
  await institution.fill('[name=note]', '请按标注修改。');
  await button(institution, '退回修改').click();
  await institution.waitForURL(`**/matters/${matter}`);
  await page.goto(`/matters/${matter}/rectify`);
  await expect(page.getByText('证件照不符合要求').first()).toBeVisible();
});
