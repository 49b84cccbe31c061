//! 合议: experts score the same thing by one rubric, each with a conclusion, and what follows from their votes together.

use super::refusal::Refusal;
use crate::base::rule::{RuleKey, RulesOn};
use crate::engine::form::Answers;

/// A rubric: what the form of a vote scores, and when the votes agree. Every vote holds a conclusion, which is the name of an outcome.
#[derive(Debug, PartialEq, Eq)]
pub struct Rubric {
    /// The items that are scored.
    pub items: &'static [RubricItem],
    /// Grades that a form offers in place of points, each with its share of the points of the item in percent.
    pub grades: &'static [(&'static str, u32)],
    /// Fields of the veto items (否决项); `yes` is a veto.
    pub vetoes: &'static [&'static str],
    /// The field with the conclusion.
    pub conclusion: &'static str,
    /// The field with the opinion.
    pub opinion: &'static str,
    /// The least total of a vote that concludes to pass.
    pub pass_mark: RuleKey,
    /// The greatest difference of two totals that is no dispute.
    pub gap: RuleKey,
    /// Commands of the transitions that the votes can lead to.
    pub outcomes: PanelOutcomes,
}

/// An item of a rubric.
#[derive(Debug, PartialEq, Eq)]
pub struct RubricItem {
    /// The field of the form.
    pub field: &'static str,
    /// Most points.
    pub points: u32,
}

/// The commands of the transitions that the votes of a panel can lead to, of which nobody gives any.
#[derive(Debug, PartialEq, Eq)]
pub struct PanelOutcomes {
    /// 通过.
    pub pass: &'static str,
    /// 修改后再评.
    pub revise: &'static str,
    /// 不通过.
    pub fail: &'static str,
    /// In dispute: another expert joins.
    pub split: &'static str,
}

/// What a panel arrives at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelResult {
    /// Command of the outcome.
    pub outcome: &'static str,
    /// The score; none while the votes are in dispute.
    pub score: Option<PanelScore>,
}

/// A total or a mean, in hundredths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PanelScore(u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conclusion {
    Pass,
    Revise,
    Fail,
    Split,
}

/// What counts of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ballot {
    conclusion: Conclusion,
    total: PanelScore,
    veto: bool,
}

impl PanelScore {
    /// A number of whole points.
    pub fn points(points: u32) -> Self {
        PanelScore(points.saturating_mul(100))
    }

    /// 82, 82.5.
    pub fn text(self) -> String {
        let (whole, hundredths) = (self.0 / 100, self.0 % 100);
        if hundredths == 0 { whole.to_string() } else { format!("{whole}.{hundredths:02}").trim_end_matches('0').to_owned() }
    }

    fn mean(self, other: Self) -> Self {
        PanelScore(u32::midpoint(self.0, other.0))
    }

    fn distance(self, other: Self) -> u32 {
        self.0.abs_diff(other.0)
    }
}

impl PanelOutcomes {
    /// Whether a command is one of them.
    pub fn contains(&self, command: &str) -> bool {
        [self.pass, self.revise, self.fail, self.split].contains(&command)
    }

    fn command(&self, conclusion: Conclusion) -> &'static str {
        match conclusion {
            Conclusion::Pass => self.pass,
            Conclusion::Revise => self.revise,
            Conclusion::Fail => self.fail,
            Conclusion::Split => self.split,
        }
    }
}

impl Rubric {
    /// The total of the items that are scored, each at most its points.
    pub fn total(&self, answers: &Answers) -> PanelScore {
        let of_item = |item: &RubricItem| {
            let text = answers.text(item.field);
            let share = self.grades.iter().find(|(grade, _)| *grade == text).map(|(_, percent)| item.points.saturating_mul(*percent));
            let typed = || text.parse::<u32>().ok().map(|points| points.saturating_mul(100));
            share.or_else(typed).unwrap_or(0).min(item.points.saturating_mul(100))
        };
        PanelScore(self.items.iter().map(of_item).fold(0, u32::saturating_add))
    }

    /// Checks that conclusion, total and veto items of a vote agree with each other.
    ///
    /// # Errors
    /// [`Refusal::InvalidForm`] without a conclusion, [`Refusal::Vetoed`] or [`Refusal::BelowPassMark`].
    pub fn check(&self, answers: &Answers, rules: RulesOn<'_>) -> Result<(), Refusal> {
        let ballot = self.ballot(answers).ok_or(Refusal::InvalidForm)?;
        let pass_mark = number(rules, self.pass_mark);
        if ballot.veto && ballot.conclusion != Conclusion::Fail {
            Err(Refusal::Vetoed)
        } else if ballot.conclusion == Conclusion::Pass && ballot.total < PanelScore::points(pass_mark) {
            Err(Refusal::BelowPassMark(pass_mark))
        } else {
            Ok(())
        }
    }

    /// What the votes of `voters` experts arrive at, by the forms that came with them; none while a vote is missing, and of one expert alone.
    pub fn result(&self, votes: &[&Answers], voters: usize, rules: RulesOn<'_>) -> Option<PanelResult> {
        let ballots: Vec<Ballot> = votes.iter().filter_map(|vote| self.ballot(vote)).collect();
        if voters < 2 || ballots.len() < voters {
            return None;
        }
        let (conclusion, score) = judge(&ballots, PanelScore::points(number(rules, self.gap)))?;
        Some(PanelResult { outcome: self.outcomes.command(conclusion), score })
    }

    /// What the party that reads the outcome is told: score and opinions, without names; nothing while the votes are in dispute, since the
    /// experts who join decide by themselves.
    pub(super) fn report(&self, votes: &[&Answers], voters: usize, rules: RulesOn<'_>) -> String {
        let Some(score) = self.result(votes, voters, rules).and_then(|result| result.score) else { return String::new() };
        let opinions = votes.iter().map(|vote| vote.text(self.opinion)).filter(|text| !text.is_empty());
        let score = format!("评审得分 {} 分", score.text());
        [score.as_str()].into_iter().chain(opinions).collect::<Vec<_>>().join("\n")
    }

    fn ballot(&self, answers: &Answers) -> Option<Ballot> {
        let named = answers.text(self.conclusion);
        let conclusion =
            [Conclusion::Pass, Conclusion::Revise, Conclusion::Fail].into_iter().find(|c| self.outcomes.command(*c) == named)?;
        let veto = self.vetoes.iter().any(|field| answers.text(field) == "yes");
        Some(Ballot { conclusion, total: self.total(answers), veto })
    }
}

fn number(rules: RulesOn<'_>, key: RuleKey) -> u32 {
    u32::try_from(rules.int(key)).unwrap_or(0)
}

/// The conclusion of complete votes, and the score. `gap`: the greatest difference of two totals that is no dispute.
fn judge(ballots: &[Ballot], gap: PanelScore) -> Option<(Conclusion, Option<PanelScore>)> {
    match ballots {
        [] | [_] => None,
        [one, other] => Some(match pair(*one, *other, gap) {
            Conclusion::Split => (Conclusion::Split, None),
            agreed => (agreed, Some(one.total.mean(other.total))),
        }),
        several => Some((majority(several), nearest(several))),
    }
}

/// The conclusion of two. Where both say not to pass in the same words, no third could have a majority against them.
fn pair(one: Ballot, other: Ballot, gap: PanelScore) -> Conclusion {
    use Conclusion::{Fail, Pass, Revise, Split};
    match (one.conclusion, other.conclusion) {
        (Fail, Fail) => Fail,
        _ if one.veto || other.veto => Split,
        (Pass, Fail) | (Fail, Pass) => Split,
        (Revise, Revise) => Revise,
        _ if one.total.distance(other.total) > gap.0 => Split,
        (Pass, Pass) => Pass,
        _ => Revise,
    }
}

/// The conclusion of more than half; without one, to revise.
fn majority(ballots: &[Ballot]) -> Conclusion {
    let count = |conclusion| ballots.iter().filter(|ballot| ballot.conclusion == conclusion).count();
    let all = [Conclusion::Pass, Conclusion::Revise, Conclusion::Fail];
    all.into_iter().find(|conclusion| count(*conclusion) * 2 > ballots.len()).unwrap_or(Conclusion::Revise)
}

/// The mean of the two nearest totals; of two pairs that are equally near, of the higher one.
fn nearest(ballots: &[Ballot]) -> Option<PanelScore> {
    let mut totals: Vec<PanelScore> = ballots.iter().map(|ballot| ballot.total).collect();
    totals.sort_unstable_by(|a, b| b.cmp(a));
    let pairs = totals.iter().zip(totals.iter().skip(1));
    pairs.min_by_key(|(high, low)| high.distance(**low)).map(|(high, low)| high.mean(*low))
}

#[cfg(test)]
mod tests {
    use Conclusion::{Fail, Pass, Revise, Split};

    use super::*;
    use crate::base::rule::{RuleRow, Rules, key};

    /// A vote as the tables below write it: conclusion, total, and whether there is a veto.
    type Row = (Conclusion, u32, bool);

    fn ballots(rows: &[Row]) -> Vec<Ballot> {
        rows.iter()
            .map(|(conclusion, total, veto)| Ballot { conclusion: *conclusion, total: PanelScore::points(*total), veto: *veto })
            .collect()
    }

    /// The table is read in either order of the votes.
    fn assert_judged(table: &[(&[Row], Conclusion, Option<&str>)]) {
        for (rows, conclusion, score) in table {
            let mut ballots = ballots(rows);
            for _ in 0..rows.len() {
                ballots.rotate_left(1);
                let (found, mean) = judge(&ballots, PanelScore::points(15)).unwrap();
                assert_eq!((found, mean.map(PanelScore::text).as_deref()), (*conclusion, *score), "{rows:?}");
            }
        }
    }

    #[test]
    fn two_experts_decide_or_are_in_dispute() {
        const V: bool = true;
        const N: bool = false;
        assert_judged(&[
            (&[(Pass, 80, N), (Pass, 80, N)], Pass, Some("80")),
            (&[(Pass, 80, N), (Pass, 85, N)], Pass, Some("82.5")),
            (&[(Pass, 75, N), (Pass, 90, N)], Pass, Some("82.5")),
            (&[(Pass, 75, N), (Pass, 91, N)], Split, None),
            (&[(Revise, 65, N), (Revise, 70, N)], Revise, Some("67.5")),
            (&[(Revise, 40, N), (Revise, 90, N)], Revise, Some("65")),
            (&[(Pass, 75, N), (Revise, 70, N)], Revise, Some("72.5")),
            (&[(Pass, 85, N), (Revise, 70, N)], Revise, Some("77.5")),
            (&[(Pass, 86, N), (Revise, 70, N)], Split, None),
            (&[(Revise, 65, N), (Fail, 55, N)], Revise, Some("60")),
            (&[(Revise, 75, N), (Fail, 55, N)], Split, None),
            (&[(Revise, 60, N), (Fail, 55, V)], Split, None),
            (&[(Pass, 70, N), (Fail, 69, N)], Split, None),
            (&[(Pass, 70, N), (Fail, 69, V)], Split, None),
            (&[(Fail, 30, N), (Fail, 35, N)], Fail, Some("32.5")),
            (&[(Fail, 30, N), (Fail, 90, N)], Fail, Some("60")),
            (&[(Fail, 90, V), (Fail, 35, N)], Fail, Some("62.5")),
            (&[(Fail, 90, V), (Fail, 85, V)], Fail, Some("87.5")),
        ]);
    }

    #[test]
    fn three_experts_always_decide() {
        const V: bool = true;
        const N: bool = false;
        assert_judged(&[
            (&[(Pass, 75, N), (Fail, 50, N), (Pass, 78, N)], Pass, Some("76.5")),
            (&[(Pass, 75, N), (Fail, 50, N), (Fail, 45, N)], Fail, Some("47.5")),
            (&[(Pass, 75, N), (Fail, 50, N), (Revise, 60, N)], Revise, Some("55")),
            (&[(Pass, 71, N), (Pass, 95, N), (Pass, 90, N)], Pass, Some("92.5")),
            (&[(Pass, 71, N), (Pass, 95, N), (Fail, 50, V)], Pass, Some("60.5")),
            (&[(Fail, 80, V), (Pass, 80, N), (Fail, 80, V)], Fail, Some("80")),
            (&[(Revise, 60, N), (Pass, 90, N), (Revise, 65, N)], Revise, Some("62.5")),
            // Two pairs are equally near: the higher one counts.
            (&[(Pass, 90, N), (Pass, 80, N), (Pass, 70, N)], Pass, Some("85")),
        ]);
    }

    #[test]
    fn four_experts_without_a_majority_ask_for_a_revision() {
        assert_judged(&[
            (&[(Pass, 80, false), (Pass, 80, false), (Fail, 50, false), (Fail, 40, false)], Revise, Some("80")),
            (&[(Pass, 80, false), (Pass, 80, false), (Pass, 76, false), (Fail, 40, false)], Pass, Some("80")),
        ]);
    }

    static RUBRIC: Rubric = Rubric {
        items: &[RubricItem { field: "content", points: 60 }, RubricItem { field: "form", points: 40 }],
        grades: &[("excellent", 100), ("good", 80), ("fair", 60), ("poor", 30)],
        vetoes: &["secret", "copied"],
        conclusion: "conclusion",
        opinion: "opinion",
        pass_mark: key::EXAM_PASS_MARK,
        gap: key::PAYMENT_DAYS,
        outcomes: PanelOutcomes { pass: "pass", revise: "revise", fail: "fail", split: "split" },
    };

    fn vote(pairs: &[(&str, &str)]) -> Answers {
        Answers { fields: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(), ..Answers::default() }
    }

    #[test]
    fn a_total_adds_points_and_shares_of_grades_and_no_item_exceeds_its_points() {
        for (content, form, total) in [
            ("60", "40", "100"),
            ("45", "30", "75"),
            ("61", "40", "100"),
            ("4294967295", "0", "60"),
            ("", "40", "40"),
            ("-5", "2.5", "0"),
            ("excellent", "good", "92"),
            ("fair", "poor", "48"),
            ("good", "33", "81"),
        ] {
            assert_eq!(RUBRIC.total(&vote(&[("content", content), ("form", form)])).text(), total, "{content} {form}");
        }
        assert_eq!(
            (PanelScore(8250).text(), PanelScore(8205).text(), PanelScore(5).text()),
            ("82.5".into(), "82.05".into(), "0.05".into())
        );
    }

    #[test]
    fn the_conclusion_of_a_vote_agrees_with_its_total_and_its_veto_items() {
        let rules = Rules::default();
        for (content, veto, conclusion, expected) in [
            ("60", "no", "pass", Ok(())),
            ("30", "no", "pass", Ok(())),
            ("29", "no", "pass", Err(Refusal::BelowPassMark(70))),
            ("29", "no", "revise", Ok(())),
            ("60", "no", "fail", Ok(())),
            ("60", "yes", "pass", Err(Refusal::Vetoed)),
            ("60", "yes", "revise", Err(Refusal::Vetoed)),
            ("60", "yes", "fail", Ok(())),
            ("60", "no", "split", Err(Refusal::InvalidForm)),
            ("60", "no", "", Err(Refusal::InvalidForm)),
        ] {
            let vote = vote(&[("content", content), ("form", "40"), ("copied", veto), ("conclusion", conclusion)]);
            assert_eq!(RUBRIC.check(&vote, rules.on(chrono::NaiveDate::default())), expected, "{content} {veto} {conclusion}");
        }
    }

    #[test]
    fn a_result_waits_for_every_expert_and_takes_its_limits_from_the_rules() {
        let rules = |gap: &str| {
            let row = RuleRow { key: key::PAYMENT_DAYS.name.into(), value: gap.into(), effective_from: chrono::NaiveDate::default() };
            Rules::new([row]).unwrap()
        };
        let votes = &[
            &vote(&[("content", "60"), ("form", "40"), ("conclusion", "pass")]),
            &vote(&[("content", "60"), ("form", "20"), ("conclusion", "pass")]),
        ];
        let result = |votes: &[&Answers], voters, gap: &str| RUBRIC.result(votes, voters, rules(gap).on(chrono::NaiveDate::default()));
        assert_eq!(result(&votes[..1], 2, "15"), None);
        assert_eq!(result(&votes[..1], 1, "15"), None, "one expert alone is no panel");
        assert_eq!(result(votes, 3, "15"), None);
        assert_eq!(result(votes, 2, "15"), Some(PanelResult { outcome: "split", score: None }));
        assert_eq!(result(votes, 2, "20"), Some(PanelResult { outcome: "pass", score: Some(PanelScore::points(90)) }));
    }

    #[test]
    fn score_and_opinions_are_reported_and_nothing_while_the_votes_are_in_dispute() {
        let vote = |form: &str, opinion: &str| vote(&[("content", "60"), ("form", form), ("conclusion", "pass"), ("opinion", opinion)]);
        let (one, near, far) = (vote("40", "甲"), vote("35", "乙"), vote("20", "丙"));
        let rules = Rules::default();
        let report = |votes: &[&Answers], voters| RUBRIC.report(votes, voters, rules.on(chrono::NaiveDate::default()));
        assert_eq!(report(&[&one, &near], 2), "评审得分 97.5 分\n甲\n乙");
        assert_eq!(report(&[&one, &far], 2), "");
        assert_eq!(report(&[&one, &far, &near], 3), "评审得分 97.5 分\n甲\n丙\n乙");
    }
}
