import { type Browser, type Locator, type Page, expect } from '@playwright/test';
import { type Person, register, signedInPage, somebody } from './people';

/** A valid JPEG of 8 by 8 pixels. */
export const JPEG = Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8ASP/Z', 'base64');

/** A valid JPEG that is accepted as 证件照: 240 by 336 pixels. */
export const PHOTO = Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/wAALCAFQAPABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AKYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP/2Q==', 'base64');

/** A valid, empty PDF. */
export const PDF = pdf('');

/** A PDF of one page whose picture consists of this text. */
function pdf(picture: string): Buffer {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</XObject<</I 4 0 R>>>>>>',
    `<</Type/XObject/Subtype/Image/Width 1/Height 1/Length ${Buffer.byteLength(picture)}>>stream\n${picture}\nendstream`,
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = Buffer.byteLength(text);
    text += `${i + 1} 0 obj${object}\nendobj\n`;
    return offset;
  });
  const start = Buffer.byteLength(text);
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  text += `xref\n0 5\n0000000000 65535 f \n${rows.join('')}trailer<</Size 5/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text);
}

/** A PDF of exactly so many bytes, marked all over. */
export function largePdf(size: number, mark: string): Buffer {
  let length = size - pdf('').length;
  for (;;) {
    const marks = `${mark}\n`.repeat(Math.floor(length / Buffer.byteLength(`${mark}\n`)));
    const bytes = pdf(marks + 'x'.repeat(length - Buffer.byteLength(marks)));
    if (bytes.length === size) return bytes;
    // The length itself is written with more digits.
    length -= bytes.length - size;
  }
}

export const file = (name: string, mimeType = 'image/jpeg', buffer: Buffer = JPEG) => ({ name, mimeType, buffer });

/** The visible button; the wizard also has a hidden one for the Enter key. */
export const button = (page: Page | Locator, name: string) => page.locator('button:not(.sr-only)', { hasText: name }).last();

/** The line of a matter in 我的事项. */
export const ownMatter = (page: Page, text: string) => page.locator('.table tbody tr', { hasText: text });

/** Begins 人员注册 from 常用服务. */
export async function begin(page: Page): Promise<void> {
  await page.goto('/');
  await page.locator('.tile', { hasText: '人员注册' }).click();
  await button(page, '在线办理').click();
  await expect(page.getByRole('heading', { name: '选择业务' })).toBeVisible();
}

export async function next(page: Page, heading: string): Promise<void> {
  await button(page, '下一步').click();
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
}

export async function business(page: Page, domain = 'QMS'): Promise<void> {
  await page.check('[name=application_kind][value=initial]');
  await page.selectOption('[name=domain]', domain);
  await page.check('[name=grade][value=trainee]');
  await page.selectOption('[name=recommending_institution]', { label: '华信质量认证中心有限公司' });
  await page.check('[name=payer_type][value=individual]');
}

export async function person(page: Page): Promise<void> {
  await page.fill('[name=name_pinyin]', 'Zhang Mingyuan');
  await page.selectOption('[name=highest_education]', 'bachelor');
  await page.selectOption('[name=title_level]', 'none');
  await page.check('[name=employment_type][value=full_time]');
  await page.check('[name=is_retired][value=no]');
  await page.fill('[name=entry_date]', '2026-01-05');
  await page.fill('[name=address]', '北京市海淀区示例路 1 号');
}

export async function education(page: Page): Promise<void> {
  await button(page, '添加教育经历').click();
  await page.fill('[name=start]', '2008-09-01');
  await page.fill('[name=end]', '2012-06-30');
  await page.fill('[name=school]', '北京科技大学');
  await page.fill('[name=major]', '质量管理');
  await page.selectOption('[name=level]', 'bachelor');
  await page.check('[name=degree][value=bachelor]');
  await page.check('[name=study_mode][value=full_time]');
  await page.check('[name=overseas][value=no]');
  await page.fill('[name=diploma_no]', '100081201205001234');
  await page.setInputFiles('[name=diploma]', file('学历证书.jpg'));
  await page.check('[name=_keep]');
  await button(page, '保存').click();
  await expect(page.getByText('北京科技大学 · 质量管理')).toBeVisible();
}

export async function attachments(page: Page): Promise<void> {
  await page.setInputFiles('[name=photo]', file('证件照.jpg', 'image/jpeg', PHOTO));
  await page.setInputFiles('[name=id_card_front]', file('人像面.jpg'));
  await page.setInputFiles('[name=id_card_back]', file('国徽面.pdf', 'application/pdf', PDF));
}

/** Fills every page of the wizard, up to the check page. */
export async function fillAll(page: Page, name: string, domain = 'QMS'): Promise<void> {
  await business(page, domain);
  await next(page, '基本信息');
  await person(page);
  await next(page, '教育经历');
  await education(page);
  await next(page, '工作经历');
  await next(page, '培训经历');
  await next(page, '考试成绩');
  await next(page, '附件');
  await attachments(page);
  await next(page, '声明与承诺');
  await page.check('[name=declared]');
  await page.fill('[name=signed_name]', name);
  await next(page, '核对并提交');
}

/** Id of the matter that a page shows. */
export const matterOf = (page: Page) => new URL(page.url()).pathname.split('/')[2]!;

/** Decides on the workbench. */
export async function decide(page: Page, matter: string, move: string, label: string, note = ''): Promise<void> {
  await page.goto(`/matters/${matter}`);
  const form = page.locator(`form[data-move="${move}"]`);
  // Of several decisions one is open.
  if (!(await form.isVisible())) await page.locator('details.move', { has: form }).locator('summary').click();
  if (note) await form.locator('[name=note]').fill(note);
  await form.getByRole('button', { name: label }).click();
  // The last opinion of an expert ends the expert's part in the matter.
  await page.waitForURL(new RegExp(`/matters/${matter}$|/expert$`));
}

/** Pays the fee of a matter online; the gateway's notice can be dropped. */
export async function pay(page: Page, matter: string, lost = false): Promise<void> {
  await page.goto(`/matters/${matter}`);
  await page.getByRole('link', { name: '缴费', exact: true }).click();
  await expect(page.getByText('¥200.00').first()).toBeVisible();
  await expect(page.locator('[name=remitter]')).toBeHidden();
  await button(page, '在线支付').click();
  await page.waitForURL('**/pay/sandbox/**');
  if (!lost) {
    await page.getByRole('button', { name: '付款', exact: true }).click();
    await expect(page.getByText('费用已缴清')).toBeVisible();
    return;
  }
  await page.getByRole('button', { name: '付款，但通知丢失' }).click();
  await expect(page.getByText('支付通知没有送达')).toBeVisible();
  // The payer does not return from the gateway: the server has to poll it.
  await expect(async () => {
    await page.goto(`/matters/${matter}`);
    await expect(page.getByText('协会受理中').first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000, intervals: [3_000] });
}

/** Returns a matter with items for the answers at these paths. */
export async function sendBack(page: Page, matter: string, paths: string[], label: string, note: string): Promise<void> {
  await page.goto(`/matters/${matter}/return`);
  for (const fold of await page.locator('details.unanswered').all()) await fold.locator('summary').click();
  for (const path of paths) await page.check(`[name="v:${path}"]`);
  await page.fill('[name=note]', note);
  await button(page, label).click();
  await page.waitForURL(`**/matters/${matter}`);
}

/** Responds to every item of a return and goes on to the check page. */
export async function respond(page: Page, matter: string, words: string): Promise<void> {
  await page.goto(`/matters/${matter}/rectify`);
  for (const field of await page.locator('textarea').all()) await field.fill(words);
  await button(page, '核对并提交').click();
  await expect(page.getByRole('heading', { name: '核对并提交' })).toBeVisible();
}

/** Gives a verdict on one record of an evaluation. */
export async function verdict(page: Page, part: string, value: 'ok' | 'bad'): Promise<void> {
  await page.locator(`[data-part^="${part}"] input[type=radio][value=${value}]`).check();
}

/** Completes an expert's evaluation without nonconformities. */
export async function conform(page: Page, matter: string): Promise<void> {
  await page.goto(`/expert/registrations/${matter}`);
  for (const good of await page.locator('input[type=radio][value=ok]').all()) await good.check();
  await page.fill('[name=note]', '材料真实完整，符合要求。');
  await page.check('[name=conclusion][value=conform]');
  await button(page, '提交').click();
  await page.waitForURL(/\/expert\/registrations\?state=done/);
}

/** Begins a matter from the guide of its kind. */
export async function beginAt(page: Page, path: string, heading: string): Promise<string> {
  await page.goto(path);
  await button(page, '在线办理').click();
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  return matterOf(page);
}

/** A draft of 人员注册 on a server of the file's own, opened at 基本信息. */
export async function personDraft(page: Page, origin: string): Promise<string> {
  const matter = await beginAt(page, `${origin}/apply/registration`, '选择业务');
  await page.goto(`${origin}/matters/${matter}/edit/person`);
  return matter;
}

/** The same, with the device ready for the network to go. */
export async function readyDraft(page: Page, origin: string): Promise<string> {
  const matter = await personDraft(page, origin);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.fill('[name=name_pinyin]', 'Zhang Mingyuan');
  await expect(page.getByTestId('autosaved')).toContainText('已自动保存');
  return matter;
}

/** Performs a transition whose form is inside a disclosure element. */
export async function gravely(page: Page, matter: string, move: string, label: string, note: string): Promise<void> {
  await page.goto(`/matters/${matter}`);
  await page.locator('summary', { hasText: label }).click();
  const form = page.locator(`form[data-move="${move}"]`);
  await form.locator('[name=note]').fill(note);
  await form.getByRole('button', { name: label }).click();
  await expect(page.locator('summary', { hasText: label })).toHaveCount(0);
}

/** Submits the form. */
export async function send(page: Page, label: string): Promise<void> {
  await expect(page.getByText('填写内容齐全')).toBeVisible();
  await button(page, label).click();
  await expect(page.getByRole('heading', { name: '操作完成' })).toBeVisible();
}

/** 我的事项 → 编辑 → the named step. */
export async function edit(page: Page, matter: string, asked: string): Promise<void> {
  await page.goto('/matters');
  await page.locator(`.table a[href="/matters/${matter}/rectify"]`).first().click();
  await expect(page.getByText(asked)).toBeVisible();
  await page.getByRole('link', { name: '去修改' }).click();
}

/** An application for registration, paid and accepted, up to 协会审批. */
export async function underReview(page: Page, browser: Browser, name: string): Promise<{ matter: string; institution: Page; officer: Page }> {
  const matter = await submit(page, name);
  const institution = await signedInPage(browser, 'inst-a');
  await decide(institution, matter, 'pass', '初核通过');
  await pay(page, matter);
  const officer = await signedInPage(browser, 'officer');
  await decide(officer, matter, 'accept', '受理');
  await decide(officer, matter, 'waive', '不指派专家，直接审批', '材料齐全。');
  return { matter, institution, officer };
}

/** An application of a new person that was just submitted. */
export async function submitted(page: Page): Promise<{ matter: string; person: Person }> {
  const person = somebody();
  await register(page, person);
  return { matter: await submit(page, person.name), person };
}

/** Fills in and submits an application for registration; gives its matter. */
async function submit(page: Page, name: string): Promise<string> {
  await begin(page);
  const matter = matterOf(page);
  await fillAll(page, name);
  await button(page, '提交').click();
  await expect(page.getByRole('heading', { name: '操作完成' })).toBeVisible();
  return matter;
}
