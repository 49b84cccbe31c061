import { type Locator, type Page, expect, test } from '@playwright/test';
import { signedInPage } from './support/people';
import { PDF, button, file, submitted } from './support/wizard';

// Everybody's work without a mouse.
test.describe.configure({ timeout: 240_000 });
test.beforeEach(async ({}, info) => test.skip(info.project.name !== 'desktop', 'keys are those of a desk'));

const isFocused = (target: Locator) => target.evaluate((element) => element === document.activeElement);

/** Tabs to a control, whose focus must be seen. */
async function reach(page: Page, target: Locator): Promise<void> {
  for (let tabs = 0; tabs < 250; tabs += 1) {
    if (await isFocused(target)) {
      const outline = await target.evaluate((element) => getComputedStyle(element).outlineStyle);
      expect(outline, 'the focus is seen').not.toBe('none');
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`no number of tabs leads to ${target}`);
}

async function press(page: Page, target: Locator): Promise<void> {
  await reach(page, target);
  await page.keyboard.press('Enter');
}

async function type(page: Page, target: Locator, text: string): Promise<void> {
  await reach(page, target);
  await page.keyboard.type(text);
}

/** Chooses an option of a list by its first letters, as a list is used by keys. */
async function pick(page: Page, list: Locator, value: string): Promise<void> {
  await reach(page, list);
  const count = await list.locator('option').count();
  for (let steps = 0; steps < count && (await list.inputValue()) !== value; steps += 1) await page.keyboard.press('ArrowDown');
  await expect(list).toHaveValue(value);
}

/** Ticks a box, or chooses one of several by the arrows. */
async function tick(page: Page, target: Locator): Promise<void> {
  const group = (await target.getAttribute('type')) === 'radio' ? await target.getAttribute('name') : null;
  const inGroup = (name: string) => page.evaluate((named) => (document.activeElement as HTMLInputElement | null)?.name === named, name);
  for (let tabs = 0; group !== null && tabs < 250 && !(await inGroup(group)); tabs += 1) await page.keyboard.press('Tab');
  if (group === null) await reach(page, target);
  for (let steps = 0; group !== null && steps < 10 && !(await isFocused(target)); steps += 1) await page.keyboard.press('ArrowDown');
  if (!(await target.isChecked())) await page.keyboard.press('Space');
  await expect(target).toBeChecked();
}

test('an applicant begins, fills in and submits by keyboard alone', async ({ browser }) => {
  const page = await signedInPage(browser, 'applicant');
  await page.goto('/apply/complaint');
  await press(page, button(page, '在线办理'));
  await expect(page.getByRole('heading', { level: 1, name: '投诉内容' })).toBeVisible();
  await pick(page, page.locator('[name=target_type]'), 'registrant');
  await type(page, page.locator('[name=target_name]'), '周建国');
  await type(page, page.locator('[name=happened_on]'), '2026-06-02');
  await type(page, page.locator('[name=place]'), '上海');
  await type(page, page.locator('[name=facts]'), '审核中未到现场，仍出具了审核记录。');
  await press(page, button(page, '下一步'));
  await expect(page.getByRole('heading', { level: 1, name: '答复与保密' })).toBeVisible();
  await tick(page, page.locator('[name=wants_reply][value=yes]'));
  await tick(page, page.locator('[name=declared]'));
  await press(page, button(page, '下一步'));
  await expect(page.getByText('填写内容齐全')).toBeVisible();
  await press(page, button(page, '提交'));
  await expect(page.getByRole('heading', { name: '操作完成' })).toBeVisible();
  await page.context().close();
});

test('institution, finance, officer and expert handle a registration by keyboard alone', async ({ browser, page }) => {
  const { matter, person } = await submitted(page);
  const decision = (at: Page, command: string, label: string) => at.locator(`form[data-move="${command}"]`).getByRole('button', { name: label });

  const institution = await signedInPage(browser, 'inst-a');
  await institution.goto(`/matters/${matter}`);
  await press(institution, decision(institution, 'pass', '初核通过'));
  await expect(institution.locator('form[data-move="pass"]')).toHaveCount(0);

  await page.goto(`/matters/${matter}`);
  await press(page, page.getByRole('link', { name: '缴费', exact: true }));
  await page.getByLabel(/线下缴费/).check();
  await page.fill('[name=remitter]', person.name);
  await page.fill('[name=remitted_on]', new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10));
  await page.fill('[name=remitted_amount]', '200');
  await page.fill('[name=remittance_no]', `BANK${person.mobile}`);
  await page.setInputFiles('[name=voucher]', file(`凭证${person.mobile}.pdf`, 'application/pdf', Buffer.concat([PDF, Buffer.from(matter)])));
  await button(page, '提交缴费凭证').click();
  await expect(page.getByText('待核验').first()).toBeVisible();

  const finance = await signedInPage(browser, 'finance');
  await finance.goto('/association/payments');
  await press(finance, finance.locator('[data-order]', { hasText: `凭证${person.mobile}.pdf` }).getByRole('button', { name: '核验通过，确认到账' }));

  await expect(finance.locator('[data-order]', { hasText: `凭证${person.mobile}.pdf` }).getByRole('button', { name: '核验通过，确认到账' })).toHaveCount(0);

  const officer = await signedInPage(browser, 'officer');
  await officer.goto(`/matters/${matter}`);
  await press(officer, decision(officer, 'accept', '受理'));
  await expect(officer.locator('form[data-move="accept"]')).toHaveCount(0);
  await officer.goto(`/matters/${matter}/assign`);
  await tick(officer, officer.getByLabel(/沈文博/));
  await tick(officer, officer.getByLabel(/郑雅琴/));
  await press(officer, button(officer, '指派专家'));
  await officer.waitForURL(`**/matters/${matter}`);

  const expert = await signedInPage(browser, 'expert1');
  await expert.goto('/expert/registrations');
  await press(expert, expert.locator(`a[href="/expert/registrations/${matter}"]`).first());
  await expect(expert.locator('#f-note')).toBeVisible();
  for (const good of await expert.locator('#sheet input[type=radio][value=ok]').all()) await tick(expert, good);
  await type(expert, expert.locator('#f-note'), '材料真实完整，符合要求。');
  await tick(expert, expert.locator('[name=conclusion][value=conform]'));
  await press(expert, button(expert, '提交'));
  await expert.waitForURL(/\/expert\/registrations\?state=done/);
  for (const opened of [institution, finance, officer, expert]) await opened.context().close();
});
