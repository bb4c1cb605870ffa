//! What roles may do to the function, by the scan's table `role_grants`: it knows the roles that
//! Lambda may assume.

use anyhow::Result;
use lambdasweep_policy::{Effect, Kind, Match, Pattern, Principal, Statement};
use lambdasweep_tables::{RoleGrantRow, RoleRow, Scan};

use super::facts::told;

/// What the scan knows of a caller's own policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Own {
    /// Nothing: they may grant it, and may deny it.
    Unknown,
    /// They do not grant it. What stops it does not stand in the table of grants: a Deny, a
    /// permissions boundary, or only that nothing grants it.
    NotGranted,
    /// There are none, and no permissions boundary: they neither grant nor deny anything.
    None,
    /// This grants it, or may: policy and statement, and whether a condition or a Deny may take it
    /// away.
    Grant {
        policy: String,
        statement: i64,
        sure: bool,
    },
}

/// How a grant covers an action on a resource; nothing where it does not. Whether it is sure: no
/// condition and no further Deny is known.
pub(super) fn covers(row: &RoleGrantRow, action: &str, resource: &str) -> Option<bool> {
    let list = |text: &str| -> Vec<Pattern> {
        text.split(", ")
            .filter(|it| !it.is_empty())
            .map(Pattern::from)
            .collect()
    };
    let any = |patterns: Vec<Pattern>| {
        let actions = Match::Any(patterns);
        let statement = Statement {
            sid: None,
            effect: Effect::Allow,
            principals: None,
            actions,
            resources: None,
            conditions: Vec::new(),
        };
        statement.covers_action(action)
    };
    if !any(list(&row.action)) || any(list(&row.except_actions)) {
        return None;
    }
    let resources = list(&row.resources);
    let matching = |pattern: &&Pattern| pattern.has_variable() || pattern.matches(resource);
    let matched = resources.iter().find(matching)?;
    // An exception with a variable may be about another resource.
    let (open, fixed): (Vec<Pattern>, Vec<Pattern>) = list(&row.except_resources)
        .into_iter()
        .partition(Pattern::has_variable);
    if fixed.iter().any(|pattern| pattern.matches(resource)) {
        return None;
    }
    Some(
        row.condition_keys.is_empty()
            && !row.narrowed
            && !matched.has_variable()
            && open.is_empty(),
    )
}

/// What the scan knows of the caller's own policies for a call; and the caller by its role's own
/// ARN, which a session's ARN may not tell.
pub(super) fn own(
    scan: &Scan,
    caller: Principal,
    action: &str,
    resource: &str,
) -> Result<(Principal, Own)> {
    let (Some(account), Kind::Role | Kind::Session) = (caller.account(), caller.kind()) else {
        return Ok((caller, Own::Unknown));
    };
    let arn = caller.principal_arn().unwrap_or_default();
    let name = arn.rsplit('/').next().unwrap_or_default();
    let by = if caller.kind() == Kind::Session {
        ("role_name", name)
    } else {
        ("role_arn", arn)
    };
    let Some(role) = scan
        .rows_where::<RoleRow>(&[("account_id", account), by])?
        .into_iter()
        .next()
    else {
        return Ok((caller, Own::Unknown));
    };
    let caller = if caller.kind() == Kind::Session {
        let text = caller.to_string();
        Principal::session(&role.role_arn, text.rsplit('/').next().unwrap_or_default())?
    } else {
        caller
    };
    let has_policies = role.attached_policy_count > 0 || role.inline_policy_count > 0;
    if !has_policies && role.permissions_boundary_arn.is_none() {
        return Ok((caller, Own::None));
    }
    if role.trusts_lambda == Some(false) {
        return Ok((caller, Own::Unknown));
    }
    let rows: Vec<RoleGrantRow> = told(
        scan,
        &[
            ("account_id", &role.account_id),
            ("role_arn", &role.role_arn),
        ],
    )?;
    let mut covering: Vec<(bool, &RoleGrantRow)> = rows
        .iter()
        .filter_map(|row| Some((covers(row, action, resource)?, row)))
        .collect();
    covering.sort_by_key(|(sure, _)| !sure);
    Ok((
        caller,
        match covering.first() {
            Some((sure, row)) => Own::Grant {
                policy: row.policy.clone(),
                statement: row.statement_index,
                sure: *sure && role.unknown_deny_reason.is_none(),
            },
            None if role.unknown_allow_reason.is_some() => Own::Unknown,
            None => Own::NotGranted,
        },
    ))
}

/// The roles of an account whose grants cover one of these actions on the function: each with the
/// first grant that does.
pub(super) fn invoking<'g>(
    grants: &'g [RoleGrantRow],
    actions: &[&str],
    resource: &str,
) -> Vec<(&'g RoleGrantRow, bool)> {
    let mut found: Vec<(&RoleGrantRow, bool)> = Vec::new();
    for row in grants {
        let Some(sure) = actions
            .iter()
            .filter_map(|action| covers(row, action, resource))
            .max()
        else {
            continue;
        };
        match found
            .iter_mut()
            .find(|(other, _)| other.role_arn == row.role_arn)
        {
            Some(known) if sure && !known.1 => *known = (row, sure),
            Some(_) => {}
            None => found.push((row, sure)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{covers, invoking};
    use lambdasweep_tables::RoleGrantRow;

    fn grant(role: &str, action: &str, resources: &str) -> RoleGrantRow {
        RoleGrantRow {
            unlimited_levels: String::new(),
            capabilities: String::new(),
            unlimited_capabilities: String::new(),
            account_id: "111122223333".to_owned(),
            role_arn: format!("arn:aws:iam::111122223333:role/{role}"),
            service: "lambda".to_owned(),
            action: action.to_owned(),
            except_actions: String::new(),
            access_level: "write".to_owned(),
            access_levels: "write".to_owned(),
            resource_scope: "all".to_owned(),
            resources: resources.to_owned(),
            except_resources: String::new(),
            condition_keys: String::new(),
            narrowed: false,
            policy: "inline".to_owned(),
            statement_index: 0,
        }
    }

    #[test]
    fn a_grant_covers_what_its_patterns_match_and_its_exceptions_do_not() {
        let pay = "arn:aws:lambda:eu-west-1:111122223333:function:pay";
        let asked = |row: &RoleGrantRow| covers(row, "lambda:InvokeFunction", pay);
        assert_eq!(asked(&grant("a", "lambda:Invoke*", "*")), Some(true));
        assert_eq!(
            asked(&grant(
                "a",
                "LAMBDA:invokefunction",
                "arn:aws:s3:::x, arn:aws:lambda:*:*:function:pay"
            )),
            Some(true)
        );
        assert_eq!(asked(&grant("a", "lambda:GetFunction", "*")), None);
        assert_eq!(
            asked(&grant("a", "*", "arn:aws:lambda:*:*:function:other")),
            None
        );
        assert_eq!(
            asked(&grant(
                "a",
                "*",
                "arn:aws:lambda:*:*:function:${aws:PrincipalTag/team}"
            )),
            Some(false)
        );
        assert_eq!(
            asked(&RoleGrantRow {
                except_actions: "iam:*, lambda:Invoke*".to_owned(),
                ..grant("a", "*", "*")
            }),
            None
        );
        assert_eq!(
            asked(&RoleGrantRow {
                except_resources: pay.to_owned(),
                ..grant("a", "*", "*")
            }),
            None
        );
        assert_eq!(
            asked(&RoleGrantRow {
                except_resources: "arn:aws:s3:::*".to_owned(),
                ..grant("a", "*", "*")
            }),
            Some(true)
        );
        assert_eq!(
            asked(&RoleGrantRow {
                condition_keys: "aws:SourceIp".to_owned(),
                ..grant("a", "*", "*")
            }),
            Some(false)
        );
        assert_eq!(
            asked(&RoleGrantRow {
                narrowed: true,
                ..grant("a", "*", "*")
            }),
            Some(false)
        );

        let unsure = RoleGrantRow {
            narrowed: true,
            ..grant("a", "lambda:*", "*")
        };
        let grants = [
            unsure,
            grant("a", "lambda:Invoke*", "*"),
            grant("b", "s3:*", "*"),
            grant("c", "*", "*"),
        ];
        let roles: Vec<(&str, &str, bool)> = invoking(
            &grants,
            &["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"],
            pay,
        )
        .into_iter()
        .map(|(row, sure)| {
            (
                row.role_arn.rsplit('/').next().unwrap_or_default(),
                row.action.as_str(),
                sure,
            )
        })
        .collect();
        assert_eq!(roles, [("a", "lambda:Invoke*", true), ("c", "*", true)]);
    }
}
