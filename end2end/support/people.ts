import { type APIRequestContext, type Browser, type Page, expect } from '@playwright/test';
import { randomInt } from 'node:crypto';

/** Password of every demo account. */
export const DEMO_PASSWORD = 'Demo-2026-pass';

/** A person to register. */
export interface Person {
  account: string;
  password: string;
  name: string;
  document: string;
  mobile: string;
  email: string;
}

/** The check character of a citizen's ID number (GB 11643). */
function check(digits: string): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((all, w, i) => all + w * Number(digits[i]), 0);
  return '10X98765432'[sum % 11]!;
}

/** A new person with a synthetic identity number and an unused mobile number. */
export function somebody(): Person {
  const day = new Date(Date.UTC(1970, 0, 1) + randomInt(9_000) * 86_400_000).toISOString().slice(0, 10);
  const digits = `110101${day.replaceAll('-', '')}${String(randomInt(1000)).padStart(3, '0')}`;
  const tail = String(randomInt(100_000_000)).padStart(8, '0');
  return {
    account: `u${tail}${randomInt(1000)}`,
    password: 'Spring-2026-leaf',
    name: '张明远',
    document: digits + check(digits),
    mobile: `139${tail}`,
    email: `u${tail}${randomInt(1000)}@example.com`,
  };
}

/** The menu of the account, which is on every page of somebody signed in. */
export const accountMenu = (page: Page) => page.locator('details[data-menu] > summary');

/** Presses 退出登录 in the menu of the account. */
export async function pressSignOut(page: Page): Promise<void> {
  await accountMenu(page).click();
  await page.getByRole('button', { name: '退出登录' }).click();
}

/** Signs an account in on a page; on the server of the run unless another is named. */
export async function signIn(page: Page, account: string, password = DEMO_PASSWORD, { origin = '', own = false } = {}): Promise<void> {
  await page.goto(`${origin}/login`);
  await page.fill('[name=account]', account);
  await page.fill('[name=password]', password);
  if (own) await page.check('[name=own_device]');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(accountMenu(page)).toBeVisible();
}

/** Opens a separate page for a reviewer's account. */
export async function signedInPage(browser: Browser, account: string): Promise<Page> {
  const page = await browser.newPage();
  await signIn(page, account);
  return page;
}

/** The code last sent to a number, from the demo's outbox. */
export async function codeFor(request: APIRequestContext, mobile: string): Promise<string> {
  const text = await (await request.get('/dev/outbox')).text();
  const entry = text.split('class="event"').find((part) => part.includes(mobile) && part.includes('验证码'));
  const code = entry?.match(/验证码 (\d{6})/)?.[1];
  expect(code, `a code for ${mobile}`).toBeTruthy();
  return code!;
}

/** Fills the page of 个人注册. */
export async function fillRegistration(page: Page, person: Person): Promise<void> {
  await page.fill('[name=account]', person.account);
  await page.fill('[name=password]', person.password);
  await page.fill('[name=password_again]', person.password);
  await page.fill('[name=name]', person.name);
  await page.selectOption('[name=document_type]', 'resident_id');
  await page.fill('[name=document_number]', person.document);
  await page.fill('[name=mobile]', person.mobile);
  await page.fill('[name=email]', person.email);
  await page.check('[name=agreed]');
}

/** Records passed scores for an account on the demo page. */
export async function passExams(page: Page, account: string, subjects: string[]): Promise<void> {
  const form = new URLSearchParams([['account', account], ['day', '2026-04-25'], ['score', '85'], ...subjects.map((s) => ['subject', s])]);
  const headers = { origin: new URL(page.url()).origin, 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await page.request.post('/dev/scores', { data: form.toString(), headers, maxRedirects: 0 });
  expect(answer.status(), await answer.text()).toBe(303);
}

/** 个人注册 from 立即注册 to 返回登录 and log-in, with the scores that a trainee of these domains needs. */
export async function register(page: Page, person: Person, exams = ['GEN', 'QMS', 'EMS']): Promise<void> {
  await page.goto('/login');
  await page.getByRole('link', { name: '立即注册' }).click();
  await page.getByRole('link', { name: /个人注册/ }).click();
  await fillRegistration(page, person);
  await page.getByRole('button', { name: '下一步' }).click();
  await page.getByRole('button', { name: '发送短信' }).click();
  await expect(page.getByTestId('countdown')).toContainText('秒后可重新发送');
  await page.fill('[name=code]', await codeFor(page.request, person.mobile));
  await page.getByRole('button', { name: '确认注册' }).last().click();
  await expect(page.getByRole('heading', { name: '注册成功' })).toBeVisible();
  await page.getByRole('link', { name: '返回登录' }).click();
  await signIn(page, person.account, person.password);
  if (exams.length > 0) await passExams(page, person.account, exams);
}
