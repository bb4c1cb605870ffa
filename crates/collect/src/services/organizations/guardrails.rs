//! What the organisation's service control policies prevent in an account. It needs no calls.

use lambdasweep_aws::CallError;
use lambdasweep_model::{AccountId, printable};
use lambdasweep_policy::guardrail::{Guardrail, Judged, Place, Prevented, judge};
use lambdasweep_policy::{Document, PolicyRef};
use lambdasweep_tables::{GuardrailRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{Reading, ScanContext};
use crate::organization::{AttachedPolicy, Chain};

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::GUARDRAILS,
    operations: &[],
    further_actions: &[],
    tables: &["guardrails"],
    needs: &[facts::ORGANIZATION_POLICIES],
    run: Run::FromOrganization(read),
};

fn read(scan: &ScanContext, account: &AccountId, reading: &mut Reading) -> Result<(), CallError> {
    let account = account.as_str();
    let chain = scan.organization.chain(account);
    let path = scan.organization.organization_path(account);
    let place = Place {
        account,
        partition: scan.partition,
        organization_path: path.as_deref(),
    };
    for guardrail in Guardrail::ALL {
        reading.batch.push(row(guardrail, &place, &chain));
    }
    match (chain, &scan.organization.policies_gap) {
        (Chain::Unknown(_), Some(gap)) => Err(CallError {
            account: account.to_owned(),
            ..gap.clone()
        }),
        _ => Ok(()),
    }
}

fn row(guardrail: Guardrail, place: &Place<'_>, chain: &Chain) -> GuardrailRow {
    let plain = |prevented: Prevented, reason: &str| {
        (
            Judged {
                prevented,
                by: None,
                reason: reason.to_owned(),
            },
            None,
        )
    };
    let exempt = matches!(chain, Chain::Exempt(_));
    let (judged, by) = match chain {
        Chain::Free(why) | Chain::Exempt(why) => plain(Prevented::No, why),
        Chain::Unknown(why) => plain(Prevented::Unknown, why),
        Chain::Bound(levels) => {
            let read: Vec<Vec<(&AttachedPolicy, &Document)>> = levels
                .iter()
                .map(|level| {
                    level
                        .iter()
                        .filter_map(|policy| Some((&**policy, policy.document.as_ref().ok()?)))
                        .collect()
                })
                .collect();
            let documents: Vec<Vec<&Document>> = read
                .iter()
                .map(|level| level.iter().map(|(_, document)| *document).collect())
                .collect();
            let unread = levels
                .iter()
                .flatten()
                .find_map(|policy| Some((policy, policy.document.as_ref().err()?)));
            let mut judged = judge(guardrail, place, &documents, unread.is_none());
            if let (Prevented::Unknown, Some((policy, why))) = (judged.prevented, unread) {
                judged.reason = format!(
                    "{}: the policy {} ({}): {why}",
                    judged.reason, policy.name, policy.id
                );
            }
            let by = judged.by.and_then(|by| match by.policy {
                PolicyRef::Scp(level, at) => Some((read.get(level)?.get(at)?, by.statement)),
                _ => None,
            });
            let by = by.map(|((policy, document), statement)| {
                (
                    policy.id.clone(),
                    policy.name.clone(),
                    statement,
                    sid(document, statement),
                )
            });
            (judged, by)
        }
    };
    GuardrailRow {
        account_id: place.account.to_owned(),
        guardrail: guardrail.as_str().to_owned(),
        prevented: if exempt {
            "not-applicable"
        } else {
            judged.prevented.as_str()
        }
        .to_owned(),
        policy_id: by.as_ref().map(|(id, ..)| id.clone()),
        policy_name: by.as_ref().map(|(_, name, ..)| name.clone()),
        statement_index: by
            .as_ref()
            .and_then(|(_, _, statement, _)| i64::try_from(*statement).ok()),
        sid: by.and_then(|(.., sid)| sid),
        reason: printable(&judged.reason),
        preventing: guardrail.preventing().to_owned(),
    }
}

fn sid(document: &Document, statement: usize) -> Option<String> {
    document
        .statements
        .get(statement)
        .and_then(|statement| statement.sid.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Guardrail, Place, row};
    use crate::organization::{AttachedPolicy, Chain};
    use lambdasweep_policy::Document;

    fn policy(id: &str, document: Result<&str, &str>) -> Arc<AttachedPolicy> {
        let document = document.map(|statement| {
            Document::parse(&format!(r#"{{"Statement":{statement}}}"#)).expect("a policy")
        });
        Arc::new(AttachedPolicy {
            id: id.to_owned(),
            name: format!("name of {id}"),
            document: document.map_err(str::to_owned),
        })
    }

    #[test]
    fn a_row_names_the_policy_that_decides_whatever_could_not_be_read_beside_it() {
        let place = Place {
            account: "111122223333",
            partition: "aws",
            organization_path: None,
        };
        let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let deny = r#"{"Sid":"NoLayers","Effect":"Deny","Action":"lambda:AddLayerVersionPermission","Resource":"*"}"#;
        let chain = |denial| {
            Chain::Bound(vec![vec![
                policy("p-odd", Err("odd")),
                policy("p-all", Ok(all)),
                policy("p-deny", denial),
            ]])
        };
        let decided = row(Guardrail::LayerPublic, &place, &chain(Ok(deny)));
        assert_eq!(
            (
                decided.prevented.as_str(),
                decided.policy_id.as_deref(),
                decided.sid.as_deref()
            ),
            ("yes", Some("p-deny"), Some("NoLayers"))
        );
        let open = row(Guardrail::LayerPublic, &place, &chain(Err("odder")));
        assert_eq!(
            (open.prevented.as_str(), open.policy_id.as_deref()),
            ("unknown", None)
        );
        assert!(
            open.reason.contains("name of p-odd (p-odd): odd"),
            "{}",
            open.reason
        );
    }
}
