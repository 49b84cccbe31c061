//! Where to transfer a fee by bank: 户名, 开户行, 账号, 金额, 附言.

use domain::base::money::Fen;
use domain::record::payment::BankAccount;
use leptos::prelude::*;

use crate::page::Page;

/// The script that adds a button 复制 to each value; without scripts the text is selected by hand.
const SCRIPT: &str = "/copy.js";

/// What is to be paid by a transfer.
pub struct Transfer {
    /// Sum of the selected charges.
    pub amount: Fen,
    /// The remark by which finance finds the charge.
    pub remark: String,
    /// Hint below the remark.
    pub hint: &'static str,
}

/// The account and what to write on the transfer.
pub fn transfer_view(account: &BankAccount, transfer: &Transfer) -> AnyView {
    let amount = transfer.amount;
    view! {
        <div class="transfer" role="group" aria-label="收款账户">
            <p>"请先汇款到以下账户，再填写付款信息并上传缴费凭证。"</p>
            <dl class="facts facts-one">
                {copied("户名", account.holder.clone(), account.holder.clone())}
                {copied("开户行", account.bank.clone(), account.bank.clone())}
                {copied("账号", account.number_in_groups(), account.number.clone())} <div class="fact">
                    <dt>"金额"</dt>
                    <dd>
                        <span data-copy=amount.yuan() data-sum="_charge" translate="no">
                            {amount.to_string()}
                        </span>
                    </dd>
                </div> {copied("附言", transfer.remark.clone(), transfer.remark.clone())}
            </dl>
            <p class="field-hint">{transfer.hint}</p>
        </div>
    }
    .into_any()
}

fn copied(label: &'static str, shown: String, value: String) -> AnyView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd>
                <span data-copy=value translate="no">
                    {shown}
                </span>
            </dd>
        </div>
    }
    .into_any()
}

impl Page {
    /// Loads the script of the buttons 复制.
    pub fn with_copy_buttons(self) -> Self {
        self.with_script(SCRIPT)
    }
}
