//! Which Regions are enabled in an account.

use std::collections::BTreeMap;

use lambdasweep_aws::aws_sdk_account::types::{Region as ListedRegion, RegionOptStatus};
use lambdasweep_aws::{CallError, Member, Operation};
use lambdasweep_model::{Region, brief};
use lambdasweep_tables::{RegionRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{AccountContext, Reading};
use crate::services::account::service::{self, Account};

const LIST_REGIONS: Operation = Operation::new("account:ListRegions", &service::LIST_REGIONS)
    .lists("Regions", 1_000)
    .items_have(&[
        Member::text("Regions[].RegionName"),
        Member::text("Regions[].RegionOptStatus"),
    ]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::REGIONS,
    operations: &[LIST_REGIONS],
    further_actions: &[],
    tables: &["regions"],
    needs: &[],
    run: Run::Account(|context, reading| Box::pin(read(context, reading))),
};

/// The status of a Region that is listed twice with different statuses, and of one that is listed
/// without a status.
pub(crate) const CONFLICTING: &str = "CONFLICTING";
pub(crate) const NO_STATUS: &str = "UNKNOWN";

async fn read(context: &AccountContext, reading: &mut Reading) -> Result<(), CallError> {
    let client = context.client::<Account>();
    let send = |token| {
        client
            .list_regions()
            .max_results(50)
            .set_next_token(token)
            .send()
    };
    let name = |region: &ListedRegion| region.region_name().unwrap_or_default().to_owned();
    let (listed, ended) = reading
        .caller
        .list_with_conflicts(
            &LIST_REGIONS,
            send,
            |page| (page.regions, page.next_token),
            name,
        )
        .await;
    let mut statuses = Statuses::default();
    for region in &listed {
        statuses.add(region);
    }
    let gap = statuses.gap();
    for (region, opt_status) in statuses.by_name {
        // The runner applies the request's scope.
        reading.batch.push(RegionRow {
            account_id: context.account_id(),
            region: region.to_string(),
            opt_status,
            in_scope: true,
        });
    }
    ended?;
    match gap {
        None => Ok(()),
        Some((code, what)) => Err(CallError {
            code: Some(code.to_owned()),
            ..reading.caller.incomplete(&LIST_REGIONS, what)
        }),
    }
}

/// The statuses in the list, by Region.
#[derive(Debug, Default)]
struct Statuses {
    by_name: BTreeMap<Region, String>,
    /// Whether one was listed without a valid name.
    unidentified: bool,
}

impl Statuses {
    fn add(&mut self, listed: &ListedRegion) {
        let Some(region) = listed
            .region_name()
            .and_then(|name| name.parse::<Region>().ok())
        else {
            self.unidentified = true;
            return;
        };
        let status = listed
            .region_opt_status()
            .map_or_else(|| NO_STATUS.to_owned(), |it| brief(it.as_str(), 50));
        let known = self.by_name.entry(region).or_insert_with(|| status.clone());
        if *known != status {
            CONFLICTING.clone_into(known);
        }
    }

    /// Why the list must be incomplete.
    fn gap(&self) -> Option<(&'static str, &'static str)> {
        let default = RegionOptStatus::EnabledByDefault;
        if self.unidentified {
            Some((
                "UnidentifiedRegion",
                "a Region is listed without a valid name",
            ))
        } else if !self
            .by_name
            .values()
            .any(|status| status == default.as_str())
        {
            // Every partition has Regions that cannot be disabled.
            Some((
                "IncompleteAnswer",
                "the list has no Region that is enabled by default",
            ))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use lambdasweep_aws::aws_sdk_account::types::{Region as ListedRegion, RegionOptStatus};

    use super::Statuses;
    use crate::survey::Standing;

    fn listed(name: &str, status: &str) -> ListedRegion {
        ListedRegion::builder()
            .region_name(name)
            .region_opt_status(RegionOptStatus::from(status))
            .build()
    }

    /// No Region is dropped, and an unclear status neither includes nor excludes a Region.
    #[test]
    fn a_region_has_one_status_that_this_release_knows() {
        let default = listed("us-east-1", "ENABLED_BY_DEFAULT");
        let nameless = ListedRegion::builder()
            .region_opt_status(RegionOptStatus::Enabled)
            .build();
        let statusless = ListedRegion::builder().region_name("eu-south-1").build();
        for (what, of, standing, gap) in [
            (
                "twice the same",
                vec![
                    listed("eu-south-1", "ENABLED"),
                    listed("eu-south-1", "ENABLED"),
                ],
                Standing::Enabled,
                None,
            ),
            (
                "two statuses",
                vec![
                    listed("eu-south-1", "ENABLED"),
                    listed("eu-south-1", "DISABLED"),
                ],
                Standing::Unknown,
                None,
            ),
            (
                "two, then the first",
                ["ENABLED", "DISABLED", "ENABLED"]
                    .map(|it| listed("eu-south-1", it))
                    .to_vec(),
                Standing::Unknown,
                None,
            ),
            (
                "a new status",
                vec![listed("eu-south-1", "ENABLED_FOR_SOME")],
                Standing::Unknown,
                None,
            ),
            ("no status", vec![statusless], Standing::Unknown, None),
            (
                "disabled",
                vec![listed("eu-south-1", "DISABLING")],
                Standing::Disabled,
                None,
            ),
            (
                "no name",
                vec![listed("eu-south-1", "ENABLED"), nameless],
                Standing::Enabled,
                Some("UnidentifiedRegion"),
            ),
            (
                "no valid name",
                vec![listed("eu-south-1", "ENABLED"), listed("EU", "ENABLED")],
                Standing::Enabled,
                Some("UnidentifiedRegion"),
            ),
        ] {
            let mut statuses = Statuses::default();
            std::iter::once(&default)
                .chain(&of)
                .for_each(|region| statuses.add(region));
            assert_eq!(
                Standing::of(&statuses.by_name[&"eu-south-1".parse().expect("a Region")]),
                standing,
                "{what}"
            );
            assert_eq!(statuses.gap().map(|(code, _)| code), gap, "{what}");
        }
        assert_eq!(
            Statuses::default().gap().map(|(code, _)| code),
            Some("IncompleteAnswer"),
            "no Region at all"
        );
    }
}
