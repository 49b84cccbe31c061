// Chapters 3.2 to 3.5 of the manual of the individual's side (docs/manual.md), sentence by sentence, by its own words.
import { expect, test } from '@playwright/test';
import { details, link, reminded, row, takeUpReturned } from './support/manual';
import { register, signIn, signedInPage, somebody } from './support/people';
import { age, confirmation, learn } from './support/renewal';
import { button, decide, file, gravely, matterOf, next, respond, send, sendBack, underReview } from './support/wizard';

test.use({ actionTimeout: 20_000 });
test.beforeEach(({}, info) => test.skip(info.project.name !== 'desktop', 'one size is enough'));

test('3.2 and 3.3: a certificate is confirmed for a year, and its holder goes to another institution', async ({ page, browser }) => {
  test.setTimeout(300_000);
  const me = somebody();
  await register(page, me);
  // 3.1.4 选择线上缴费时，点击在线支付，完成线上支付
  const { matter: registration, institution, officer } = await underReview(page, browser, me.name);
  await decide(officer, registration, 'propose', '同意，提交批准');
  const admin = await signedInPage(browser, 'admin');
  await decide(admin, registration, 'approve', '批准');
  await page.goto('/me/certificates');
  const number = (await page.locator('main').innerText()).match(/\d{4}-N0QMS-\d{7}/)![0];
  await age(page, number, 350);
  let matter = '';

  await test.step('3.2.1 认证人员点击常用服务年度确认申请，在线办理; 证书快到期时可以进年度确认更新证书', async () => {
    await page.goto('/');
    await link(page, /年度确认申请/).click();
    await button(page, '在线办理').click();
    await expect(page.getByRole('heading', { level: 1, name: '确认信息' })).toBeVisible();
    matter = matterOf(page);
  });

  await test.step('3.2.1 信息填写完成后，点击下一步，进行业务提交', async () => {
    await confirmation(page, new RegExp(number));
    await learn(page, 8);
    await next(page, '材料与声明');
    await page.check('[name=declared]');
    await next(page, '核对并提交');
    await send(page, '提交');
    await expect(page.getByText('业务已提交')).toBeVisible();
  });

  await test.step('3.2.2 在个人中心我的事项中随时关注申请动态和结果，若业务被退回整改，可以点击编辑，重新编辑后提交', async () => {
    await details(page, matter);
    await expect(page.getByText('机构审核').first()).toBeVisible();
    await sendBack(institution, matter, ['practised'], '退回修改', '请核对从业情况。');
    await takeUpReturned(page, matter, '请核对从业情况。');
    await page.check('[name=practised][value=yes]');
    await next(page, '继续教育');
    await respond(page, matter, '已核对，情况属实。');
    await send(page, '重新提交');
  });

  await test.step('3.2 经由认证机构审核、CCAA 审批和批准后，证书更新', async () => {
    await decide(institution, matter, 'pass', '审核通过');
    await decide(officer, matter, 'propose', '同意，提交批准');
    await decide(admin, matter, 'approve', '批准');
    await details(page, matter);
    await expect(page.getByText('已批准').first()).toBeVisible();
    await page.goto('/me/certificates');
    await expect(page.getByText('已办年度确认')).toBeVisible();
  });

  await test.step('3.3.1 点击在线申请下的人员转换执业机构申请点击在线办理', async () => {
    await link(page.getByRole('navigation', { name: '主导航' }), '在线申请').click();
    await row(page, '人员转换执业机构申请').getByRole('button', { name: '在线办理' }).click();
    await expect(page.getByRole('heading', { level: 1, name: '转换信息' })).toBeVisible();
    matter = matterOf(page);
  });

  await test.step('3.3.1 信息填报完成后点击下一步提交业务', async () => {
    await page.selectOption('[name=from_institution]', { label: '华信质量认证中心有限公司' });
    await page.selectOption('[name=to_institution]', { label: '中恒标准认证（北京）有限公司' });
    await page.selectOption('[name=ground]', 'agreed');
    await next(page, '材料与声明');
    await page.check('[name=declared]');
    await next(page, '核对并提交');
    await send(page, '提交申请');
    await expect(page.getByText('业务已提交')).toBeVisible();
  });

  await test.step('3.3.2 随时关注申请动态和结果，若业务被退回整改，可以点击编辑，重新编辑后提交', async () => {
    await sendBack(institution, matter, ['note'], '退回修改', '请说明交接情况。');
    await takeUpReturned(page, matter, '请说明交接情况。');
    await page.fill('[name=note]', '手头工作已全部交接。');
    await next(page, '材料与声明');
    await respond(page, matter, '已说明交接情况。');
    await send(page, '重新提交');
  });

  await test.step('3.3 经由转出机构审核，转入机构审核，CCAA 审核，并由 CCAA 最终决定是否同意', async () => {
    await decide(institution, matter, 'agree', '同意转出');
    await decide(await signedInPage(browser, 'inst-b'), matter, 'accept', '同意接收');
    await decide(officer, matter, 'propose', '同意，提交批准');
    await decide(admin, matter, 'approve', '批准');
    await details(page, matter);
    await expect(page.getByText('已批准').first()).toBeVisible();
    await page.goto('/me/profile');
    await expect(page.getByText('由华信质量认证中心有限公司转入中恒标准认证（北京）有限公司')).toBeVisible();
  });
});

test('3.4: a decision is appealed, evaluated by experts, decided and answered', async ({ page, browser }) => {
  test.setTimeout(300_000);
  const me = somebody();
  await register(page, me);
  const { matter: refused, officer } = await underReview(page, browser, me.name);
  await gravely(officer, refused, 'refuse', '不予批准', '经历不足。');
  let matter = '';

  await test.step('3.4.1 个人用户可以发起申诉。点击在线申请选择认证人员分类，选择申诉，进行申诉。填写完成后提交申诉', async () => {
    await page.goto('/');
    await link(page.getByRole('navigation', { name: '主导航' }), '在线申请').click();
    const group = page.locator('.panel, section', { has: page.getByRole('heading', { name: '认证人员', exact: true }) }).first();
    await group.locator('.row', { hasText: '申诉' }).first().getByRole('button', { name: '在线办理' }).click();
    await expect(page.getByRole('heading', { level: 1, name: '申诉内容' })).toBeVisible();
    matter = matterOf(page);
    await page.selectOption('[name=disputed]', refused);
    await page.fill('[name=claim]', '请撤销不予批准的决定。');
    await page.fill('[name=grounds]', '经历符合要求。');
    await page.check('[name=declared]');
    await next(page, '核对并提交');
    await send(page, '提交申诉');
  });

  await test.step('3.4.2 在个人中心我的事项中随时关注申诉的动态和结果', async () => {
    await details(page, matter);
    await expect(page.getByText('申诉受理中').first()).toBeVisible();
  });

  const second = await signedInPage(browser, 'officer2');
  const experts = [['expert1', '沈文博'], ['expert2', '郑雅琴'], ['expert3', '顾明哲']] as const;
  await test.step('3.4.3 后台管理员将申诉分配给该用户时，该用户会收到待处理业务消息提醒，可以对此申诉进行评价操作', async () => {
    await decide(second, matter, 'accept', '受理');
    await second.goto(`/matters/${matter}/assign`);
    for (const [, name] of experts) await second.getByLabel(new RegExp(name)).check();
    await button(second, '指派专家').click();
    await second.waitForURL(`**/matters/${matter}`);
    await details(page, matter);
    await expect(page.getByText('专家评价').first()).toBeVisible();
    for (const [account] of experts) {
      const expert = await signedInPage(browser, account);
      await reminded(expert, '待处理业务提醒：申诉');
      await expect(expert.getByRole('heading', { name: '原决定' })).toBeVisible();
      expect(await expert.locator('main').innerText()).not.toContain(me.name);
      await expert.fill('[name=note]', '经历符合要求，建议撤销。');
      await expert.getByLabel('建议撤销原决定').check();
      await button(expert, '提交').click();
      await expert.waitForURL(/\/expert\/appeals\?state=done/);
      await expert.close();
    }
  });

  await test.step('3.4 经由专家评价，CCAA 给出处理意见并反馈给用户', async () => {
    await decide(await signedInPage(browser, 'approver2'), matter, 'sustain', '撤销原决定', '申诉理由成立。');
    await details(page, matter);
    await expect(page.getByText('申诉理由成立。').first()).toBeVisible();
    await expect(page.getByText('申诉成立').first()).toBeVisible();
  });
});

test('3.2 to 3.5: what is not due says so, and who may begin what', async ({ page, browser }) => {
  test.setTimeout(120_000);
  await signIn(page, 'certified');
  const catalogue = page.getByRole('navigation', { name: '主导航' });

  await test.step('3.2.1 点击常用服务年度确认申请或点击在线申请中的年度确认申请在线办理', async () => {
    await page.goto('/');
    await link(page, /年度确认申请/).click();
    await expect(page.getByRole('heading', { level: 1, name: '年度确认申请' })).toBeVisible();
    await link(catalogue, '在线申请').click();
    await expect(row(page, '年度确认申请').getByRole('button', { name: '在线办理' })).toBeVisible();
  });

  await test.step('3.2.1 如果没有需要进行年度确认的证书，则会提醒', async () => {
    const other = await browser.newPage();
    await register(other, somebody(), []);
    await other.goto('/apply');
    await row(other, '年度确认申请').getByRole('button', { name: '在线办理' }).click();
    await expect(other.getByText('您没有注册证书')).toBeVisible();
    // 3.3.1 只有认证人员可以发起人员转换执业机构
    await other.goto('/apply');
    await row(other, '人员转换执业机构申请').getByRole('button', { name: '在线办理' }).click();
    await expect(other.getByText('您没有有效的注册证书')).toBeVisible();
  });

  await test.step('3.3.1 点击常用服务中的人员转换执业机构或在线申请下的人员转换执业机构申请点击在线办理', async () => {
    await page.goto('/');
    await link(page, /人员转换执业机构申请/).click();
    await expect(page.getByRole('heading', { level: 1, name: '人员转换执业机构申请' })).toBeVisible();
    await expect(page.getByText('转出机构').first()).toBeVisible();
    await expect(page.getByText('转入机构').first()).toBeVisible();
  });

  await test.step('3.4.1, 3.5.1 个人用户或机构用户都可以发起; 点击在线申请选择认证人员分类，选择申诉、投诉', async () => {
    await link(catalogue, '在线申请').click();
    const group = page.locator('.panel, section', { has: page.getByRole('heading', { name: '认证人员', exact: true }) }).first();
    for (const kind of ['申诉', '投诉']) await expect(group.locator('.row', { hasText: kind }).first()).toBeVisible();
    const institution = await signedInPage(browser, 'inst-a');
    await link(institution.getByRole('navigation', { name: '主导航' }), '在线申请').click();
    await link(institution, '以机构名义办理').click();
    for (const kind of ['申诉', '投诉']) await expect(row(institution, kind)).toBeVisible();
  });

  await test.step('3.5 投诉是用户发起，给出处理意见并反馈给用户', async () => {
    await link(catalogue, '在线申请').click();
    await row(page, '投诉').getByRole('button', { name: '在线办理' }).click();
    const matter = matterOf(page);
    await page.selectOption('[name=target_type]', 'institution');
    await page.fill('[name=target_name]', '东岳认证服务有限公司');
    await page.fill('[name=happened_on]', '2026-06-02');
    await page.fill('[name=place]', '上海');
    await page.fill('[name=facts]', '未按合同安排审核。');
    await page.setInputFiles('[name=evidence]', file('照片.jpg'));
    await next(page, '答复与保密');
    await page.check('[name=wants_reply][value=yes]');
    await page.check('[name=declared]');
    await next(page, '核对并提交');
    await button(page, '提交投诉').click();
    await expect(page.getByRole('heading', { level: 1, name: '操作完成' })).toBeVisible();
    await details(page, matter);
    await expect(page.getByText('投诉受理中').first()).toBeVisible();
    const officer = await signedInPage(browser, 'officer');
    await decide(officer, matter, 'accept', '受理');
    await decide(officer, matter, 'propose', '提交处理意见', '经查，情况属实。');
    await decide(await signedInPage(browser, 'approver2'), matter, 'answer', '审定并答复', '反映的情况属实，已作出处理。');
    await reminded(page, /投诉/);
    await details(page, matter);
    await expect(page.getByText('反映的情况属实，已作出处理。')).toBeVisible();
  });
});
