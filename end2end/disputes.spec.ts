import { type Browser, type Page, expect, test } from '@playwright/test';
import { fillComplaint } from './support/complaint';
import { signedInPage, register, somebody } from './support/people';
import { beginAt, button, decide, edit, gravely, ownMatter, next, respond, send, sendBack, underReview } from './support/wizard';

const OLD = '华信质量认证中心有限公司';
const NEW = '中恒标准认证（北京）有限公司';

/** Expects 404 at the addresses of a matter for an account without a party. */
async function shut(page: Page, matter: string): Promise<void> {
  for (const path of ['', '/print', '/review', '/return', '/rectify']) {
    expect((await page.goto(`/matters/${matter}${path}`))!.status(), path).toBe(404);
  }
  const answer = await page.request.post('/api/draft/state', {
    data: { matter },
    headers: { origin: new URL(page.url()).origin },
  });
  expect(answer.status()).toBe(404);
}

async function complain(page: Page, path: string): Promise<string> {
  const matter = await beginAt(page, path, '投诉内容');
  await fillComplaint(page);
  await next(page, '答复与保密');
  await page.check('[name=wants_reply][value=yes]');
  await expect(page.locator('[name=named]')).not.toBeChecked();
  await page.check('[name=declared]');
  await next(page, '核对并提交');
  await send(page, '提交投诉');
  return matter;
}

/** Assigns three experts to an appeal, each of whom gives an opinion. */
async function evaluated(browser: Browser, officer: Page, matter: string, experts: [string, string, 'sustain' | 'uphold'][], name: string): Promise<void> {
  await officer.goto(`/matters/${matter}/assign`);
  await officer.getByLabel(new RegExp(experts[0]![1])).check();
  await officer.getByLabel(new RegExp(experts[1]![1])).check();
  await button(officer, '指派专家').click();
  await expect(officer.locator('#e-expert')).toContainText('请按要求的人数选择人员');
  await officer.getByLabel(new RegExp(experts[2]![1])).check();
  await button(officer, '指派专家').click();
  await officer.waitForURL(`**/matters/${matter}`);
  for (const [account, , opinion] of experts) {
    const expert = await signedInPage(browser, account);
    await expert.goto('/me/messages');
    await expect(expert.getByRole('link', { name: '待处理业务提醒：申诉' }).first()).toBeVisible();
    await expert.goto('/expert/appeals');
    await expert.locator(`a[href="/expert/appeals/${matter}"]`).first().click();
    await expect(expert.getByRole('heading', { name: '原决定' })).toBeVisible();
    expect(await expert.locator('main').innerText()).not.toContain(name);
    await expert.fill('[name=note]', '评价意见。');
    await expert.getByLabel(opinion === 'sustain' ? '建议撤销原决定' : '建议维持原决定').check();
    await button(expert, '提交').click();
    await expert.waitForURL(/\/expert\/appeals\?state=done/);
    await expert.close();
  }
}

test('a complaint is returned, corrected, handled by two people and answered; its subject learns nothing', { tag: '@both' }, async ({ page, browser }) => {
  test.setTimeout(180_000);
  await register(page, somebody(), []);
  await page.goto('/apply');
  await page.locator('.row', { hasText: '投诉' }).getByRole('link', { name: '投诉', exact: true }).click();
  await expect(page.getByText('未经您同意，不会向被投诉方透露您的身份')).toBeVisible();
  const matter = await complain(page, '/apply/complaint');

  const officer = await signedInPage(browser, 'officer');
  await officer.goto('/association');
  await expect(officer.locator(`a[href^="/matters/${matter}"]`).first()).toBeVisible();
  await sendBack(officer, matter, ['place'], '退回补充', '请补充具体地点。');
  await edit(page, matter, '请补充具体地点。');
  await expect(page.locator('[name=facts]')).toHaveCount(0);
  await page.fill('[name=place]', '上海市浦东新区示例路 1 号');
  await next(page, '答复与保密');
  await respond(page, matter, '已补充具体地点。');
  await send(page, '重新提交');
  await expect(page.getByText('投诉受理中')).toBeVisible();

  await decide(officer, matter, 'accept', '受理');
  await decide(officer, matter, 'propose', '提交处理意见', '经查，情况属实。');
  await expect(officer.locator('form[data-move=answer]')).toHaveCount(0);
  const approver = await signedInPage(browser, 'approver2');
  await decide(approver, matter, 'answer', '审定并答复', '反映的情况属实，已作出处理。');
  await page.goto('/matters?view=closed');
  await expect(ownMatter(page, '投诉（注册人员）')).toContainText('已答复');
  await page.goto(`/matters/${matter}`);
  await expect(page.getByText('反映的情况属实，已作出处理。')).toBeVisible();

  for (const account of ['certified', 'expert1', 'inst-a', 'finance']) {
    const other = await signedInPage(browser, account);
    await shut(other, matter);
    await other.close();
  }
});

test('an institution files a complaint and an appeal at its workbench', async ({ page, browser }) => {
  test.setTimeout(240_000);
  const inst = await signedInPage(browser, 'inst-b');
  await inst.goto('/institution');
  await inst.getByRole('link', { name: '在线申请（机构）' }).first().click();
  await expect(inst.getByRole('heading', { level: 1, name: '在线申请（机构）' })).toBeVisible();
  await expect(inst.locator('.row', { hasText: '人员注册' })).toHaveCount(0);
  const complaint = await complain(inst, '/institution/apply/complaint');
  const second = await signedInPage(browser, 'officer2');
  await second.goto(`/matters/${complaint}`);
  await expect(second.getByText(NEW).first()).toBeVisible();
  await gravely(second, complaint, 'decline', '不予受理', '不属于受理范围。');

  const appeal = await beginAt(inst, '/institution/apply/appeal', '申诉内容');
  await inst.selectOption('[name=disputed]', complaint);
  await inst.fill('[name=claim]', '请受理投诉。');
  await inst.fill('[name=grounds]', '事实清楚，属于受理范围。');
  await inst.check('[name=declared]');
  await next(inst, '核对并提交');
  await send(inst, '提交申诉');
  await inst.goto('/institution?state=all');
  await expect(inst.locator(`a[href^="/matters/${appeal}"]`).first()).toBeVisible();
  await shut(second, appeal);
  await register(page, somebody(), []);
  await shut(page, appeal);

  const officer = await signedInPage(browser, 'officer');
  await decide(officer, appeal, 'accept', '受理');
  await evaluated(browser, officer, appeal, [['expert1', '沈文博', 'sustain'], ['expert2', '郑雅琴', 'sustain'], ['expert3', '顾明哲', 'uphold']], '罗永强');
  const approver = await signedInPage(browser, 'approver2');
  await decide(approver, appeal, 'sustain', '撤销原决定', '应予受理。');
  await inst.goto(`/matters/${complaint}`);
  await expect(inst.getByText('调查处理中').first()).toBeVisible();
});

test('a refusal is appealed, judged by three experts, and the case is opened again', { tag: '@both' }, async ({ page, browser }) => {
  test.setTimeout(300_000);
  const me = somebody();
  await register(page, me);
  await page.goto('/apply/appeal');
  await expect(page.getByText('目前没有可以申诉的决定')).toBeVisible();
  await expect(page.getByRole('button', { name: '在线办理' })).toHaveCount(0);
  const { matter, officer } = await underReview(page, browser, me.name);
  await gravely(officer, matter, 'refuse', '不予批准', '经历不足。');

  const appeal = await beginAt(page, '/apply/appeal', '申诉内容');
  await page.selectOption('[name=disputed]', matter);
  await page.fill('[name=claim]', '请撤销不予批准的决定。');
  await page.fill('[name=grounds]', '经历符合要求。');
  await page.check('[name=declared]');
  await next(page, '核对并提交');
  await send(page, '提交申诉');
  await shut(officer, appeal);

  const second = await signedInPage(browser, 'officer2');
  await sendBack(second, appeal, ['grounds'], '退回补充', '请说明是哪一段经历。');
  await edit(page, appeal, '请说明是哪一段经历。');
  await page.fill('[name=grounds]', '教育经历和培训经历均符合要求。');
  await next(page, '核对并提交');
  await respond(page, appeal, '已说明。');
  await send(page, '重新提交');
  await decide(second, appeal, 'accept', '受理');
  await evaluated(browser, second, appeal, [['expert1', '沈文博', 'sustain'], ['expert2', '郑雅琴', 'uphold'], ['expert4', '韩若溪', 'sustain']], me.name);
  const approver = await signedInPage(browser, 'approver2');
  await decide(approver, appeal, 'sustain', '撤销原决定', '申诉理由成立。');

  await page.goto('/matters');
  await expect(ownMatter(page, '申诉成立')).toBeVisible();
  await page.goto(`/matters/${matter}`);
  await expect(page.getByText('协会审批中').first()).toBeVisible();
  await decide(officer, matter, 'propose', '同意，提交批准');
  await decide(await signedInPage(browser, 'admin'), matter, 'approve', '批准');
  await page.goto(`/matters/${matter}`);
  await expect(page.getByText('已批准').first()).toBeVisible();
});

test('someone certified goes to another institution, with the consent of both', { tag: '@both' }, async ({ page, browser }) => {
  test.setTimeout(300_000);
  const me = somebody();
  await register(page, me);
  await page.goto('/apply/transfer');
  await expect(page.getByText('您没有有效的注册证书')).toBeVisible();
  const { matter: registration, institution: old, officer } = await underReview(page, browser, me.name);
  await decide(officer, registration, 'propose', '同意，提交批准');
  const admin = await signedInPage(browser, 'admin');
  await decide(admin, registration, 'approve', '批准');

  const matter = await beginAt(page, '/apply/transfer', '转换信息');
  await page.selectOption('[name=from_institution]', { label: OLD });
  await page.selectOption('[name=to_institution]', { label: OLD });
  await page.selectOption('[name=ground]', 'agreed');
  await expect(page.getByText(/\d{4}-N0QMS-\d{7}/)).toBeVisible();
  await button(page, '下一步').click();
  await expect(page.locator('#faults')).toContainText('转入机构不能与转出机构相同');
  await page.selectOption('[name=to_institution]', { label: NEW });
  await next(page, '材料与声明');
  await page.check('[name=declared]');
  await next(page, '核对并提交');
  await send(page, '提交申请');

  const joining = await signedInPage(browser, 'inst-b');
  await joining.goto(`/matters/${matter}`);
  await expect(joining.locator('form[data-move]')).toHaveCount(0);
  await sendBack(old, matter, ['note'], '退回修改', '请说明交接情况。');
  await edit(page, matter, '请说明交接情况。');
  await page.fill('[name=note]', '手头工作已全部交接。');
  await next(page, '材料与声明');
  await respond(page, matter, '已说明交接情况。');
  await send(page, '重新提交');
  await old.goto('/institution');
  await expect(old.locator(`a[href^="/matters/${matter}"]`).first()).toBeVisible();
  await decide(old, matter, 'agree', '同意转出');
  await joining.goto('/institution');
  await expect(joining.locator(`a[href^="/matters/${matter}"]`).first()).toBeVisible();
  await decide(joining, matter, 'accept', '同意接收');
  await decide(officer, matter, 'propose', '同意，提交批准');
  await expect(officer.locator('form[data-move=approve]')).toHaveCount(0);
  await decide(admin, matter, 'approve', '批准');

  await page.goto('/me/profile');
  await expect(page.getByText(`由${OLD}转入${NEW}`)).toBeVisible();
  await page.goto('/me/certificates');
  await expect(page.getByText(NEW).first()).toBeVisible();
  await page.goto('/apply/transfer');
  await expect(page.getByText(/您已于 .+ 转换过执业机构/)).toBeVisible();
  await shut(await signedInPage(browser, 'certified'), matter);
});
