//! An account's IAM roles with the policies that they carry.

use lambdasweep_aws::aws_sdk_iam::types::{EntityType, RoleDetail};
use lambdasweep_aws::{Bucket, CallError, Operation};
use lambdasweep_model::Fact;
use lambdasweep_policy::Document;
use lambdasweep_tables::{RolePolicyRow, RoleRow};

use crate::collector::{Collector, Run};
use crate::context::{AccountContext, Reading};

const GET_DETAILS: Operation = Operation::new("iam:GetAccountAuthorizationDetails", Bucket::Iam);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: Fact::Roles,
    operations: &[GET_DETAILS],
    further_actions: &[],
    tables: &["roles", "role_policies"],
    needs: &[],
    run: Run::Account(|context, reading| Box::pin(read(context, reading))),
};

async fn read(context: &AccountContext, reading: &mut Reading) -> Result<(), CallError> {
    let client = context.session.iam();
    let mut marker = None;
    loop {
        let send = || client.get_account_authorization_details().filter(EntityType::Role).max_items(1000).set_marker(marker.clone()).send();
        let page = reading.caller.call(&GET_DETAILS, send).await?;
        for role in page.role_detail_list() {
            push_role(context, reading, role);
        }
        marker = page.marker;
        if !page.is_truncated || marker.is_none() {
            return Ok(());
        }
    }
}

fn push_role(context: &AccountContext, reading: &mut Reading, role: &RoleDetail) {
    let time =
        |it: &lambdasweep_aws::aws_sdk_iam::primitives::DateTime| jiff::Timestamp::from_second(it.secs()).ok().map(|it| it.to_string());
    let arn = role.arn().unwrap_or_default().to_owned();
    let trust = role.assume_role_policy_document().and_then(|text| Document::parse_url_encoded(text).ok());
    reading.batch.push(RoleRow {
        account_id: context.account_id(),
        role_arn: arn.clone(),
        role_name: role.role_name().unwrap_or_default().to_owned(),
        path: role.path().unwrap_or("/").to_owned(),
        role_id: role.role_id().unwrap_or_default().to_owned(),
        created_at: role.create_date().and_then(time),
        last_used_at: role.role_last_used().and_then(|it| it.last_used_date()).and_then(time),
        last_used_region: role.role_last_used().and_then(|it| it.region()).map(str::to_owned),
        permissions_boundary_arn: role.permissions_boundary().and_then(|it| it.permissions_boundary_arn()).map(str::to_owned),
        attached_policy_count: count(role.attached_managed_policies().len()),
        inline_policy_count: count(role.role_policy_list().len()),
        trusts_lambda: trust.as_ref().map(|document| document.allows_service("lambda.amazonaws.com")),
        trusted_principals: trust.as_ref().map(|document| document.principals_allowed().join(", ")).unwrap_or_default(),
    });
    for policy in role.attached_managed_policies() {
        reading.batch.push(RolePolicyRow {
            account_id: context.account_id(),
            role_arn: arn.clone(),
            kind: "managed".to_owned(),
            policy_name: policy.policy_name().unwrap_or_default().to_owned(),
            policy_arn: policy.policy_arn().map(str::to_owned),
        });
    }
    for policy in role.role_policy_list() {
        reading.batch.push(RolePolicyRow {
            account_id: context.account_id(),
            role_arn: arn.clone(),
            kind: "inline".to_owned(),
            policy_name: policy.policy_name().unwrap_or_default().to_owned(),
            policy_arn: None,
        });
    }
}

fn count(length: usize) -> i64 {
    length.try_into().unwrap_or(i64::MAX)
}
