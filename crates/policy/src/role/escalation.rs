//! Which paths of the catalogue a role's grants open.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::catalogue::{EscalationPath, Need, Target, catalogue, distinct_needs};
use crate::condition::Condition;
use crate::grants::{Effort, Grant, Grants, RoleInput, Source};
use crate::operator::Operator;
use crate::overlap;
use crate::pattern::glob_ignoring_case;

/// A path that a role's grants open.
#[derive(Debug, Clone)]
pub struct Escalation<'a> {
    /// The path.
    pub path: &'static EscalationPath,
    /// Whether it is open only under conditions that cannot be decided from policies.
    pub conditional: bool,
    /// The statement that grants each of the path's permissions, in the path's order.
    pub sources: Vec<Source<'a>>,
    /// Whether each of the permissions is there without conditions, in the path's order.
    pub(super) sure: Vec<bool>,
}

/// Services whose actions are about another service's resources too (Service Authorization
/// Reference): a session is started on an instance.
const ELSEWHERE: [(&str, &str); 2] = [("ec2-instance-connect", "ec2"), ("ssm", "ec2")];

/// The suffix of the ARN of a function's unpublished version.
pub(super) const LATEST: &str = ":$LATEST";

/// Whether a pattern of resources reaches something that the actions of a service are about.
fn is_of_service(resource: &str, service: &str) -> bool {
    if resource == "*" {
        return true;
    }
    let elsewhere = ELSEWHERE
        .iter()
        .filter(|(own, _)| *own == service)
        .map(|(_, other)| *other);
    // A `*` at the end of a part may go on beyond its colon.
    let mut parts = resource.splitn(4, ':');
    let open = parts.by_ref().take(2).any(|part| part.ends_with('*'));
    open || parts.next().is_none_or(|part| {
        [service]
            .into_iter()
            .chain(elsewhere)
            .any(|service| overlap::overlaps(part, service))
    })
}

/// Whether a pattern matches the resource of an action that has no types of resource ("Actions
/// table", Service Authorization Reference: "you must specify all resources ("*")").
fn is_everything(resource: &str) -> bool {
    !resource.is_empty() && resource.bytes().all(|byte| byte == b'*')
}

/// A grant that gives a permission which a path needs.
struct Candidate<'g, 'a> {
    grant: &'g Grant<'a>,
    resources: Vec<&'g str>,
    /// Whether nothing has to be deleted before, or that is allowed without conditions.
    clear: bool,
}

impl Candidate<'_, '_> {
    fn is_sure(&self, path: &EscalationPath) -> bool {
        self.clear && !conditional(self.grant, path)
    }
}

/// How many versions a policy has at most, that which counts among them. Source:
/// "CreatePolicyVersion", IAM API Reference.
const MOST_VERSIONS: usize = 5;

/// Whether one of a role's policies has all the versions that it can have.
pub(super) fn is_full(role: &RoleInput<'_>, policy: &str) -> bool {
    role.stored
        .iter()
        .filter(|version| version.name == policy)
        .count()
        + 1
        >= MOST_VERSIONS
}

/// The rows by service, so that a path looks at few of them.
struct Index<'g, 'a> {
    by_service: BTreeMap<&'g str, Vec<&'g Grant<'a>>>,
    of_many: Vec<&'g Grant<'a>>,
    role: &'g RoleInput<'a>,
    effort: &'g Effort,
}

/// The paths of the catalogue that are open, in its order; if there is no effort left, some of
/// them.
pub(super) fn open<'a>(
    grants: &Grants<'a>,
    role: &RoleInput<'a>,
    effort: &Effort,
) -> Vec<Escalation<'a>> {
    let index = Index::new(grants, role, effort);
    // Paths share needs, and most roles meet few of them.
    let found: Vec<OnceCell<Vec<Candidate<'_, 'a>>>> =
        (0..distinct_needs()).map(|_| OnceCell::new()).collect();
    let mut open = Vec::new();
    for path in catalogue().iter().filter(|path| !path.deletes) {
        let mut candidates = Vec::new();
        for need in &path.needs {
            let all = found[need.number].get_or_init(|| index.candidates(need));
            let admitted: Vec<_> = all
                .iter()
                .filter(|candidate| admits(candidate.grant, &path.passed_to) != Some(false))
                .collect();
            if admitted.is_empty() {
                break;
            }
            candidates.push(admitted);
        }
        if candidates.len() == path.needs.len() {
            open.extend(choose(path, &candidates, effort));
        }
    }
    open
}

/// The grants to base a path on: such as have no conditions, where there are.
fn choose<'a>(
    path: &'static EscalationPath,
    candidates: &[Vec<&Candidate<'_, 'a>>],
    effort: &Effort,
) -> Option<Escalation<'a>> {
    let sure = |candidate: &&Candidate<'_, 'a>| candidate.is_sure(path);
    let chosen: Vec<&Candidate<'_, 'a>> = if path.same_resource {
        together(candidates, |candidate| candidate.is_sure(path), effort)
            .or_else(|| together(candidates, |_| true, effort))?
    } else {
        candidates
            .iter()
            .filter_map(|all| {
                all.iter()
                    .copied()
                    .find(sure)
                    .or_else(|| all.first().copied())
            })
            .collect()
    };
    let sure: Vec<bool> = chosen.iter().map(sure).collect();
    let sources = chosen
        .iter()
        .map(|candidate| candidate.grant.source)
        .collect();
    Some(Escalation {
        path,
        conditional: sure.contains(&false),
        sources,
        sure,
    })
}

/// One candidate for each need, so that each reaches something that the first reaches.
fn together<'c, 'g, 'a>(
    candidates: &[Vec<&'c Candidate<'g, 'a>>],
    fit: impl Fn(&Candidate<'g, 'a>) -> bool,
    effort: &Effort,
) -> Option<Vec<&'c Candidate<'g, 'a>>> {
    let (first, rest) = candidates.split_first()?;
    first
        .iter()
        .copied()
        .filter(|candidate| fit(candidate))
        .find_map(|first| {
            let meets = |other: &&Candidate<'g, 'a>| {
                let steps = 40_usize
                    .saturating_mul(first.resources.len())
                    .saturating_mul(other.resources.len());
                let met = || {
                    first.resources.iter().any(|one| {
                        other
                            .resources
                            .iter()
                            .any(|other| overlap::overlaps(one, other))
                    })
                };
                fit(other) && effort.spend(steps) && met()
            };
            let mut chosen = vec![first];
            for all in rest {
                chosen.push(all.iter().copied().find(meets)?);
            }
            Some(chosen)
        })
}

/// Whether a grant has conditions other than those on the service that a role is passed to, which
/// were looked into.
pub(super) fn conditional(grant: &Grant<'_>, path: &EscalationPath) -> bool {
    let settled = |condition: &Condition| {
        is_passed_to(condition) && settle(condition, &path.passed_to) == Some(true)
    };
    !grant
        .conditions()
        .iter()
        .all(|condition| settled(condition))
}

fn is_passed_to(condition: &Condition) -> bool {
    condition.key.eq_ignore_ascii_case("iam:PassedToService")
}

/// Whether a grant's conditions let a role be passed to one of some services; `None` if they do
/// not decide it.
pub(super) fn admits(grant: &Grant<'_>, services: &[String]) -> Option<bool> {
    let mut all = Some(true);
    for condition in grant
        .conditions()
        .iter()
        .filter(|condition| is_passed_to(condition))
    {
        match settle(condition, services) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => all = None,
        }
    }
    all
}

/// Whether a condition on `iam:PassedToService` holds for one of some services.
fn settle(condition: &Condition, services: &[String]) -> Option<bool> {
    use Operator as O;
    // As services are given in lower case, no operator's rule of case matters.
    let listed = |service: &String| {
        condition
            .values
            .iter()
            .any(|value| glob_ignoring_case(&overlap::widened(value.as_str()), service))
    };
    match condition.operator {
        _ if services.is_empty() => None,
        O::StringEquals | O::StringEqualsIgnoreCase | O::StringLike => {
            Some(services.iter().any(listed))
        }
        O::StringNotEquals | O::StringNotEqualsIgnoreCase | O::StringNotLike => {
            Some(!services.iter().all(listed))
        }
        _ => None,
    }
}

impl<'g, 'a> Index<'g, 'a> {
    fn new(grants: &'g Grants<'a>, role: &'g RoleInput<'a>, effort: &'g Effort) -> Self {
        let mut index = Self {
            by_service: BTreeMap::new(),
            of_many: Vec::new(),
            role,
            effort,
        };
        for grant in &grants.rows {
            let service = grant.service();
            if overlap::is_pattern(service) {
                index.of_many.push(grant);
            } else {
                index.by_service.entry(service).or_default().push(grant);
            }
        }
        index
    }

    fn candidates(&self, need: &'static Need) -> Vec<Candidate<'g, 'a>> {
        let named = self.by_service.get(need.service()).into_iter().flatten();
        let mut candidates = Vec::new();
        for grant in named.chain(&self.of_many) {
            if !self.effort.spend(grant.steps_to_cover()) || !grant.covers_action(&need.small) {
                continue;
            }
            let resources = if self.effort.spend(grant.steps_to_reach()) {
                self.reached(grant, need)
            } else {
                Vec::new()
            };
            if !resources.is_empty() {
                // Whether there is room in the policies of others is found out where those are
                // known.
                let own = need.writes_version() && need.target != Target::Policy;
                let clear = !own
                    || self
                        .own_policies(grant, need)
                        .any(|(_, room)| room == Some(true));
                candidates.push(Candidate {
                    grant,
                    resources,
                    clear,
                });
            }
        }
        candidates
    }

    /// The resources of a grant that are what a need is about.
    fn reached(&self, grant: &'g Grant<'a>, need: &'static Need) -> Vec<&'g str> {
        let RoleInput {
            arn,
            account,
            partition,
            ..
        } = self.role;
        let of_account = |kind: &str| format!("arn:{partition}:iam::{account}:{kind}/*");
        let all = |target: &str| grant.reaches(&need.small, target);
        let others = |target: &str| {
            all(target)
                .into_iter()
                .filter(|resource| resource != arn)
                .collect()
        };
        match need.target {
            Target::Any => {
                let fits = |resource: &&str| {
                    if need.on_everything {
                        is_everything(resource)
                    } else {
                        is_of_service(resource, need.service())
                    }
                };
                all("*").into_iter().filter(fits).collect()
            }
            Target::OwnRole => all(arn),
            Target::OtherRole => others(&of_account("role")),
            Target::AnyRole => others("arn:*:iam::*:role/*"),
            Target::Policy => all(&of_account("policy")),
            Target::User => all(&of_account("user")),
            Target::Group => all(&of_account("group")),
            Target::Function => {
                let kind = format!("arn:{partition}:lambda:*:{account}:function:*");
                let found = all(&kind);
                if found.is_empty() && need.is_of_versions() {
                    all(&format!("{kind}{LATEST}"))
                } else {
                    found
                }
            }
            Target::OwnPolicy | Target::OwnBoundary => {
                let mut policies = self
                    .own_policies(grant, need)
                    .filter(|(_, room)| room.is_some());
                policies
                    .next()
                    .map(|(policy, _)| all(policy))
                    .unwrap_or_default()
            }
        }
    }

    /// The policies of the role that a grant reaches and a need is about, which have an ARN and are
    /// the account's own; and whether there is room for what the need does to each: `false` where
    /// there may be, once something is deleted.
    fn own_policies<'s>(
        &'s self,
        grant: &'s Grant<'a>,
        need: &'static Need,
    ) -> impl Iterator<Item = (&'s str, Option<bool>)> {
        let policies = match need.target {
            Target::OwnPolicy => self.role.identity.as_slice(),
            Target::OwnBoundary => self.role.boundary.as_slice(),
            _ => &[],
        };
        // Inline policies are known by names without an ARN, and have no versions.
        let own = policies
            .iter()
            .map(|policy| policy.name)
            .filter(|name| name.starts_with("arn:") && !name.contains(":iam::aws:"));
        let reached = own.filter(move |name| {
            self.effort.spend(grant.steps_to_reach())
                && !grant.reaches(&need.small, name).is_empty()
        });
        reached.map(move |name| {
            (
                name,
                if need.writes_version() && is_full(self.role, name) {
                    self.may_delete_version(name)
                } else {
                    Some(true)
                },
            )
        })
    }

    /// Whether versions of a policy may be deleted; `true` where they may for certain.
    fn may_delete_version(&self, policy: &str) -> Option<bool> {
        const DELETE: &str = "iam:deletepolicyversion";
        let covers = |grant: &&&Grant<'a>| {
            self.effort.spend(grant.steps_to_cover()) && grant.covers_action(DELETE)
        };
        let covering = self
            .by_service
            .get("iam")
            .into_iter()
            .flatten()
            .chain(&self.of_many)
            .filter(covers);
        let reaching = covering.filter(|grant| {
            self.effort.spend(grant.steps_to_reach()) && !grant.reaches(DELETE, policy).is_empty()
        });
        reaching.map(|grant| grant.conditions().is_empty()).max()
    }
}
