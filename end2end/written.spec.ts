import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type Page, expect, test } from '@playwright/test';
import { DEMO_PASSWORD, type Person, fillRegistration, signIn, signedInPage, somebody } from './support/people';
import { JPEG, button, decide, file, pay, sendBack, submitted } from './support/wizard';

const status = (page: Page) => page.getByTestId('form-draft').first();

/** Kills the renderer of a page. */
async function crash(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  const gone = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => {});
  await gone;
  await page.close();
}

/** A page of an account in a context that can have further pages. */
async function inOwnContext(browser: Browser, account: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, account);
  return page;
}

/** A new person's application that was just submitted, and a page of the institution that reviews it. */
async function underInstitution(page: Page, browser: Browser): Promise<{ matter: string; institution: Page; person: Person }> {
  const { matter, person } = await submitted(page);
  return { matter, institution: await inOwnContext(browser, 'inst-a'), person };
}

/** The address of an evaluation that waits for expert1, and a page of theirs. */
async function evaluation(page: Page, browser: Browser): Promise<{ path: string; expert: Page }> {
  const { matter, institution } = await underInstitution(page, browser);
  await decide(institution, matter, 'pass', '初核通过', '材料齐全。');
  await pay(page, matter);
  const officer = await signedInPage(browser, 'officer');
  await decide(officer, matter, 'accept', '受理');
  await officer.goto(`/matters/${matter}/assign`);
  await officer.getByLabel(/沈文博/).check();
  await officer.getByLabel(/郑雅琴/).check();
  await button(officer, '指派专家').click();
  await officer.waitForURL(`**/matters/${matter}`);
  return { path: `/expert/registrations/${matter}`, expert: await inOwnContext(browser, 'expert1') };
}

/** Types a text key by key, kills the renderer a second later, and looks what is left; several times. */
async function survivesCrashes(context: BrowserContext, first: Page, path: string, control: string, times: number): Promise<void> {
  let [page, text] = [first, ''];
  for (let round = 1; round <= times; round += 1) {
    await page.goto(path);
    const field = page.locator(control).first();
    await expect(field).toHaveValue(text);
    const more = `第 ${round} 句，写得很长很长。`;
    await field.focus();
    await page.keyboard.press('Control+End');
    for (const sign of more) await page.keyboard.insertText(sign);
    text += more;
    await page.waitForTimeout(1000);
    await crash(context, page);
    page = await context.newPage();
  }
  await page.goto(path);
  await expect(page.locator(control).first()).toHaveValue(text);
  await page.close();
}

test('an opinion survives ten killed renderers', { tag: '@both' }, async ({ page, browser }) => {
  test.setTimeout(240_000);
  const { path, expert } = await evaluation(page, browser);
  await survivesCrashes(expert.context(), expert, path, '#f-note', 10);
});

test('a note of a return survives killed renderers, and a decision too', async ({ page, browser }) => {
  test.setTimeout(180_000);
  const { matter, institution } = await underInstitution(page, browser);
  const context = institution.context();
  await survivesCrashes(context, institution, `/matters/${matter}/return`, '#f-note', 3);
  await survivesCrashes(context, await context.newPage(), `/matters/${matter}`, '#note-pass', 2);
});

test('responses of a rectification survive ten killed renderers', async ({ page, browser, context }) => {
  test.setTimeout(240_000);
  const { matter, institution } = await underInstitution(page, browser);
  await sendBack(institution, matter, ['postcode'], '退回修改', '请补充邮政编码。');
  await survivesCrashes(context, page, `/matters/${matter}/rectify`, 'textarea', 10);
});

test('payment details survive a killed renderer, and 暂存 without scripts', { tag: '@both' }, async ({ page, browser, context }) => {
  test.setTimeout(180_000);
  const { matter, institution, person } = await underInstitution(page, browser);
  await decide(institution, matter, 'pass', '初核通过', '材料齐全。');
  const path = `/matters/${matter}/pay`;
  await page.goto(path);
  await page.check('[name=method][value=offline]');
  await page.fill('[name=remitter]', '林晓月');
  await page.setInputFiles('[name=voucher]', file('汇款凭证.jpg'));
  await page.waitForTimeout(1000);
  await crash(context, page);
  const next = await context.newPage();
  await next.goto(path);
  await expect(next.locator('[name=method][value=offline]')).toBeChecked();
  await expect(next.locator('[name=remitter]')).toHaveValue('林晓月');
  await expect(next.locator('#e-voucher')).toContainText('汇款凭证.jpg');
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const other = await plain.newPage();
  await signIn(other, person.account, person.password);
  await other.goto(path);
  await expect(other.locator('[name=remitter]')).toHaveValue('林晓月');
  await other.fill('[name=remitter]', '林晓月（代付）');
  await other.getByRole('button', { name: '暂存' }).click();
  await expect(other.getByText('填写的内容已暂存到服务器，尚未提交')).toBeVisible();
  await expect(other.locator('[name=remitter]')).toHaveValue('林晓月（代付）');
  await plain.close();
});

test('a voucher that was changed or deleted after it was chosen is named at its control, and what was typed stays', async ({ page, browser }) => {
  test.setTimeout(180_000);
  const { matter, institution } = await underInstitution(page, browser);
  await decide(institution, matter, 'pass', '初核通过', '材料齐全。');
  const folder = mkdtempSync(join(tmpdir(), 'registrar-voucher-'));
  const voucher = join(folder, '汇款凭证.jpg');
  writeFileSync(voucher, JPEG);
  const pay = `/matters/${matter}/pay`;
  await page.goto(pay);
  await page.check('[name=method][value=offline]');
  await page.fill('[name=remitter]', '林晓月');
  await page.fill('[name=remitted_amount]', '200');
  const lost = page.getByTestId('file-lost');
  for (const harm of ['changed', 'deleted']) {
    await page.setInputFiles('[name=voucher]', voucher);
    await page.locator('[name=voucher]').evaluate((input: HTMLInputElement) => input.files![0]!.lastModified);
    await expect(lost).toHaveCount(0);
    if (harm === 'changed') {
      // The browser remembers the state of the file in whole seconds.
      await page.waitForTimeout(1_100);
      appendFileSync(voucher, 'x');
    } else rmSync(folder, { recursive: true });
    await page.getByRole('button', { name: '提交缴费凭证' }).click();
    await expect(lost).toContainText('汇款凭证.jpg');
    await expect(lost).toContainText('重新选择');
    await expect(page.locator('[name=voucher]')).toHaveValue('');
    await expect(page.locator('[name=remitter]')).toHaveValue('林晓月');
    expect(new URL(page.url()).pathname).toBe(pay);
  }
  await page.setInputFiles('[name=voucher]', file('汇款凭证.jpg'));
  await expect(lost).toHaveCount(0);
  await page.getByRole('button', { name: '暂存' }).click();
  await expect(page.getByText('填写的内容已暂存到服务器，尚未提交')).toBeVisible();
  await expect(page.getByText('已上传：汇款凭证.jpg')).toBeVisible();
});

test('the reason of a disposition survives killed renderers', async ({ browser }) => {
  test.setTimeout(180_000);
  const holder = await signedInPage(browser, 'certified');
  await holder.goto('/me/certificates');
  const number = (await holder.locator('a[href*="/me/certificates/"]').first().getAttribute('href'))!.split('/')[3]!;
  const officer = await inOwnContext(browser, 'officer');
  const address = `/association/certificates/${number}`;
  // The reason is one draft for all pages of its author.
  await officer.goto(address);
  if ((await officer.locator('#f-reason').inputValue()) !== '') {
    await officer.fill('#f-reason', '');
    await expect(status(officer)).toContainText('已自动暂存');
  }
  await survivesCrashes(officer.context(), officer, address, '#f-reason', 3);
});

test('of two tabs of an opinion the older one shows the newer text, and a save that is held back replaces nothing', async ({ page, browser }) => {
  test.setTimeout(180_000);
  const { path, expert } = await evaluation(page, browser);
  const other = await expert.context().newPage();
  await expert.goto(path);
  await other.goto(path);
  await expert.locator('#f-note').fill('第一个标签页写的长篇意见');
  await expect(status(expert)).toContainText('已自动暂存');
  await other.locator('#f-note').fill('第二个标签页写的意见');
  const question = other.getByTestId('form-draft-older');
  await expect(question).toContainText('第一个标签页写的长篇意见');
  await expect(other.locator('#f-note')).toHaveValue('第二个标签页写的意见');
  await question.getByRole('button', { name: '改用其他页面保存的内容' }).click();
  await expect(other.locator('#f-note')).toHaveValue('第一个标签页写的长篇意见');
  await other.locator('#f-note').fill('合并之后的意见');
  await expect(status(other)).toContainText('已自动暂存');
  await expert.locator('#f-note').fill('第一个标签页又写了');
  await expert.getByTestId('form-draft-older').getByRole('button', { name: '保留本页填写的内容' }).click();
  await expect(status(expert)).toContainText('已自动暂存');
  await other.close();
  await expert.reload();
  await expect(expert.locator('#f-note')).toHaveValue('第一个标签页又写了');

  let release: () => void = () => {};
  const held = new Promise<void>((done) => (release = done));
  let saves = 0;
  await expert.route('**/api/form-draft', async (route) => {
    saves += 1;
    if (saves === 1) await held;
    await route.continue().catch(() => {});
  });
  await expert.locator('#f-note').fill('第一稿');
  await expect.poll(() => saves).toBe(1);
  await expert.locator('#f-note').fill('第二稿');
  await expect(status(expert)).toContainText('已自动暂存');
  const late = expert.waitForResponse((answer) => answer.url().endsWith('/api/form-draft'));
  release();
  expect((await late).status()).toBe(200);
  await expect(expert.getByTestId('form-draft-older')).toHaveCount(0);
  await expert.unroute('**/api/form-draft');
  await expert.locator('#f-note').fill('离开前的最后一句');
  await expert.goto('/me');
  // The text is on its way while the next page is read.
  await expect(async () => {
    await expert.goto(path);
    await expect(expert.locator('#f-note')).toHaveValue('离开前的最后一句', { timeout: 1_000 });
  }).toPass();
});

test('nothing is saved within a composition, failed saves are tried again, and an ended session keeps the text', async ({ page, browser }) => {
  test.setTimeout(180_000);
  const { matter, institution } = await underInstitution(page, browser);
  const path = `/matters/${matter}/return`;
  await institution.goto(path);
  const bodies: string[] = [];
  institution.on('request', (request) => { if (request.url().endsWith('/api/form-draft')) bodies.push(request.postData() ?? ''); });
  const session = await institution.context().newCDPSession(institution);
  await institution.locator('#f-note').focus();
  await session.send('Input.imeSetComposition', { text: 'zhi\'liang', selectionStart: 9, selectionEnd: 9 });
  await institution.waitForTimeout(1500);
  expect(bodies.filter((body) => body.includes('liang'))).toEqual([]);
  await session.send('Input.insertText', { text: '质量' });
  await expect(status(institution)).toContainText('已自动暂存');
  expect(bodies.at(-1)).toContain('质量');
  await institution.route('**/api/form-draft', (route) => route.abort());
  await institution.locator('#f-note').fill('断网时写的');
  await expect(status(institution)).toContainText('暂时连接不上服务器');
  await institution.unroute('**/api/form-draft');
  await expect(status(institution)).toContainText('已自动暂存', { timeout: 15_000 });
  await institution.goto(path);
  await expect(institution.locator('#f-note')).toHaveValue('断网时写的');

  await institution.context().clearCookies();
  await institution.locator('#f-note').fill('登录失效后写的');
  await expect(status(institution)).toContainText('登录已失效');
  const [second] = await Promise.all([
    institution.context().waitForEvent('page'),
    institution.getByRole('link', { name: '在新页面登录' }).click(),
  ]);
  await second.fill('[name=account]', 'inst-a');
  await second.fill('[name=password]', DEMO_PASSWORD);
  await second.getByRole('button', { name: '登录', exact: true }).click();
  await second.waitForURL(`**${path}`);
  await institution.bringToFront();
  await institution.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(status(institution)).toContainText('已自动暂存');
});

test('a registration survives a killed renderer without its password and document number', async ({ page, context }) => {
  const person = somebody();
  await page.goto('/register/individual');
  await fillRegistration(page, person);
  await page.waitForTimeout(300);
  await page.reload();
  await expect(page.locator('[name=name]')).toHaveValue(person.name);
  await expect(page.locator('[name=mobile]')).toHaveValue(person.mobile);
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  expect(kept).not.toContain(person.password);
  expect(kept).not.toContain(person.document);
  await context.close();
});
