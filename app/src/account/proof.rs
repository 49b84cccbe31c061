//! The fields by which an anonymous form proves that it is not sent by a machine without effort.

use backend::access::account::proof::{Challenge, ProofAnswer};
use leptos::prelude::*;

use crate::post::Post;
use crate::ui::*;

/// The script that does the computation; without it the question is answered.
pub(super) const SCRIPT: &str = "/proof.js";

/// The posted answer.
pub(super) fn read_proof(post: &Post) -> ProofAnswer {
    ProofAnswer {
        token: post.text("_proof").to_owned(),
        work: post.text("_work").to_owned(),
        answer: domain::base::text::normalise(post.text("_answer")),
    }
}

/// The fields of a challenge; nothing without one.
#[component]
pub(super) fn ProofFields(challenge: Option<Challenge>, fault: Option<String>) -> AnyView {
    challenge
        .map(|challenge| {
            let label = format!("防机器问题：{}", challenge.question);
            view! {
                <input type="hidden" name="_proof" value=challenge.token data-bits=challenge.work_bits.to_string() />
                <input type="hidden" name="_work" value="" />
                <div id="proof-question">
                    <TextField
                        ask=FieldProps::new("_answer", &label)
                            .hint("请填写数字；从打开页面到提交不少于几秒")
                            .fault(fault)
                        value=""
                        inputmode="numeric"
                        short=true
                    />
                </div>
            }
        })
        .into_any()
}
