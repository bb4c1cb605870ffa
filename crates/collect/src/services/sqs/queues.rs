//! Queues that functions name, each read once in the account that owns it.

use std::collections::HashMap;

use futures::future::BoxFuture;
use lambdasweep_aws::aws_sdk_sqs::types::QueueAttributeName;
use lambdasweep_aws::{CallError, Cost, Member, Operation};
use lambdasweep_model::{AccountId, Arn, Region, printable};
use lambdasweep_secrets::redact;
use lambdasweep_tables::{Form, QueueRow, facts};
use serde::{Deserialize, Serialize};

use crate::collector::shared_resources::SharedResource;
use crate::collector::{Collector, Run};
use crate::context::{Reading, RegionContext};
use crate::policy_text::document_text;
use crate::services::sqs::failure_targets;
use crate::services::sqs::service::{self, Sqs};
use crate::statements::{Resource, Shared};

/// A queue that does not exist and one that the caller may not know of are answered alike. Sources:
/// `QueueDoesNotExist` in the service's model, and the code by which its query protocol, and the
/// header `x-amzn-query-error`, name it.
const GET_ATTRIBUTES: Operation = Operation::new("sqs:GetQueueAttributes", &service::SQS)
    .sends(&[Member::text("Attributes.QueueArn")])
    .costs(Cost::Unforeseen)
    .not_there(&[
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    ]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::QUEUES,
    operations: &[GET_ATTRIBUTES],
    further_actions: &[],
    tables: &[
        "queues",
        "resource_policy_statements",
        "resource_policy_named",
    ],
    needs: &[facts::FUNCTIONS, facts::EVENT_INVOKE_CONFIGS],
    run: Run::Referenced(|context, of| Box::pin(failure_targets::read_queues(context, of))),
};

/// The longest name of a queue. Source: "Amazon SQS standard queue quotas".
const LONGEST_NAME: usize = 80;

/// What the names of FIFO queues end in. Source: "CreateQueue", SQS API Reference.
const FIFO: &str = ".fifo";

/// A queue's ARN, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QueueArn {
    pub(crate) text: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
    partition: String,
}

impl QueueArn {
    /// A queue's ARN in a partition; nothing where the text is not one that AWS gives, such as one
    /// that a secret was taken out of.
    pub(crate) fn parse(text: &str, partition: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let is_name = |name: &str| {
            let stem = name.strip_suffix(FIFO).unwrap_or(name);
            !stem.is_empty()
                && name.len() <= LONGEST_NAME
                && stem
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        (arn.service == "sqs" && arn.partition == partition && is_name(&arn.resource))
            .then_some(())?;
        Some(Self {
            text: text.to_owned(),
            account: arn.account.parse().ok()?,
            region: arn.region.parse().ok()?,
            name: arn.resource,
            partition: arn.partition,
        })
    }

    /// The URL. Its form is documented, so that no call has to ask for it, and the answer to such a
    /// call would not distinguish a queue that does not exist from one that may not be read.
    ///
    /// Source: "Amazon SQS queue and message identifiers"; the suffixes are those of botocore's
    /// `partitions.json`.
    fn url(&self) -> String {
        let suffix = match self.partition.as_str() {
            "aws-cn" => "amazonaws.com.cn",
            "aws-eusc" => "amazonaws.eu",
            "aws-iso" => "c2s.ic.gov",
            "aws-iso-b" => "sc2s.sgov.gov",
            "aws-iso-e" => "cloud.adc-e.uk",
            "aws-iso-f" => "csp.hci.ic.gov",
            _ => "amazonaws.com",
        };
        let Self {
            account,
            region,
            name,
            ..
        } = self;
        format!("https://sqs.{region}.{suffix}/{account}/{name}")
    }
}

/// Whether the name of a queue or a topic is that of a FIFO one.
pub(crate) fn is_fifo_name(name: &str) -> bool {
    name.ends_with(FIFO)
}

/// What is kept of a queue for decisions about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queue {
    /// The policy.
    pub(crate) policy: QueuePolicy,
    /// The key that encrypts it.
    pub(crate) key: QueueKey,
}

/// The KMS key that encrypts a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum QueueKey {
    /// There is none, or SQS has one of its own that needs no permission.
    None,
    /// `alias/aws/sqs`. Its key policy admits the principals of the queue's account and cannot be
    /// changed. Source: "Amazon SQS Key management", SQS Developer Guide.
    AwsManaged,
    /// Any other key; one that is named by its id may be AWS managed as well.
    Other,
}

impl QueueKey {
    fn of(key: Option<&str>) -> Self {
        match key {
            None => Self::None,
            Some(key) if key == "alias/aws/sqs" || key.ends_with(":alias/aws/sqs") => {
                Self::AwsManaged
            }
            Some(_) => Self::Other,
        }
    }
}

/// A queue's policy, as far as the journal may hold it: decisions rest on what is kept, so that a
/// scan that is resumed decides as one that was not interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum QueuePolicy {
    /// There is none.
    None,
    /// The document.
    Text(String),
    /// It holds a secret, or what looks like one, and is not kept.
    HoldsSecret,
}

impl QueuePolicy {
    fn of(text: Option<&str>) -> Self {
        match text {
            None => Self::None,
            Some(text) if document_text(text) == text && redact(text) == text => {
                Self::Text(text.to_owned())
            }
            Some(_) => Self::HoldsSecret,
        }
    }
}

impl SharedResource for QueueArn {
    type Kept = Queue;
    const COLLECTOR: &'static Collector = &COLLECTOR;
    const OPERATION: &'static Operation = &GET_ATTRIBUTES;

    fn arn(&self) -> &str {
        &self.text
    }

    fn account(&self) -> &AccountId {
        &self.account
    }

    fn region(&self) -> &Region {
        &self.region
    }

    fn read<'a>(
        &'a self,
        context: &'a RegionContext,
        reading: &'a mut Reading,
    ) -> BoxFuture<'a, Result<Queue, CallError>> {
        Box::pin(read(context, self, reading))
    }

    fn visit_texts(kept: &mut Queue, visit: &mut dyn FnMut(Form, &mut String)) {
        if let QueuePolicy::Text(text) = &mut kept.policy {
            visit(Form::Text, text);
        }
    }
}

async fn read(
    context: &RegionContext,
    arn: &QueueArn,
    reading: &mut Reading,
) -> Result<Queue, CallError> {
    let client = context.client::<Sqs>();
    let send = || {
        client
            .get_queue_attributes()
            .queue_url(arn.url())
            .attribute_names(QueueAttributeName::All)
            .send()
    };
    let answer = reading.caller.call(&GET_ATTRIBUTES, send).await?;
    let attributes = Attributes(answer.attributes.unwrap_or_default());
    if attributes.get(&QueueAttributeName::QueueArn) != Some(&arn.text) {
        let what = "the answer is about another queue";
        return Err(reading.caller.incomplete(&GET_ATTRIBUTES, what));
    }
    let policy = attributes.get(&QueueAttributeName::Policy);
    let shared = match policy {
        Some(text) => Shared::of(context, reading, Resource::other("queue", &arn.text), text),
        None => Shared::without_policy(),
    };
    let key = attributes.get(&QueueAttributeName::KmsMasterKeyId);
    reading.batch.push(QueueRow {
        account_id: context.account_id(),
        region: context.region_name(),
        queue_arn: arn.text.clone(),
        queue_name: arn.name.clone(),
        fifo: is_fifo_name(&arn.name),
        kms_key_id: key.map(str::to_owned),
        sqs_managed_sse: attributes.number_or_truth(&QueueAttributeName::SqsManagedSseEnabled),
        redrive_target_arn: attributes.redrive_target(),
        message_retention_seconds: attributes
            .number_or_truth(&QueueAttributeName::MessageRetentionPeriod),
        exposure: shared.exposure.as_str().to_owned(),
        exposure_reason: shared.reason,
        accounts: shared.accounts,
    });
    Ok(Queue {
        policy: QueuePolicy::of(policy),
        key: QueueKey::of(key),
    })
}

/// A queue's attributes; those that are empty are none.
struct Attributes(HashMap<QueueAttributeName, String>);

impl Attributes {
    fn get(&self, name: &QueueAttributeName) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    fn number_or_truth<T: std::str::FromStr>(&self, name: &QueueAttributeName) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    fn redrive_target(&self) -> Option<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Redrive {
            dead_letter_target_arn: String,
        }
        let text = self.get(&QueueAttributeName::RedrivePolicy)?;
        let redrive: Redrive = serde_json::from_str(text).ok()?;
        Some(printable(&redrive.dead_letter_target_arn))
    }
}

#[cfg(test)]
mod tests {
    use super::{QueueArn, QueueKey, QueuePolicy};

    #[test]
    fn an_arn_leads_to_a_url_in_its_partition() {
        let url = |text: &str, partition| QueueArn::parse(text, partition).map(|arn| arn.url());
        assert_eq!(
            url("arn:aws:sqs:eu-west-1:111122223333:failures.fifo", "aws").as_deref(),
            Some("https://sqs.eu-west-1.amazonaws.com/111122223333/failures.fifo")
        );
        assert_eq!(
            url("arn:aws-cn:sqs:cn-north-1:111122223333:failures", "aws-cn").as_deref(),
            Some("https://sqs.cn-north-1.amazonaws.com.cn/111122223333/failures")
        );
        for bad in [
            "arn:aws:sns:eu-west-1:111122223333:failures",
            "arn:aws:sqs:eu-west-1:11112222333:failures",
            "arn:aws:sqs::111122223333:failures",
            "arn:aws:sqs:eu-west-1:111122223333:a/b",
            "arn:aws:sqs:eu-west-1:111122223333:.fifo",
            "arn:aws:sqs:eu-west-1:111122223333:[redacted]",
            "arn:aws-cn:sqs:eu-west-1:111122223333:failures",
        ] {
            assert_eq!(url(bad, "aws"), None, "{bad}");
        }
    }

    #[test]
    fn a_policy_that_holds_a_secret_is_not_kept() {
        let with = |key: &str, value: &str| {
            let condition = serde_json::json!({"StringEquals": {key: value}});
            let policy = serde_json::json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": condition}]});
            policy.to_string()
        };
        let plain = with("aws:PrincipalOrgID", "o-a1b2c3d4e5");
        assert_eq!(
            QueuePolicy::of(Some(&plain)),
            QueuePolicy::Text(plain.clone())
        );
        let secret = with("aws:Referer", "open sesame");
        assert_eq!(QueuePolicy::of(Some(&secret)), QueuePolicy::HoldsSecret);
        assert_eq!(QueuePolicy::of(None), QueuePolicy::None);
    }

    #[test]
    fn the_key_of_aws_is_known_by_its_alias() {
        let key = |name| QueueKey::of(Some(name));
        assert_eq!(key("alias/aws/sqs"), QueueKey::AwsManaged);
        assert_eq!(
            key("arn:aws:kms:eu-west-1:111122223333:alias/aws/sqs"),
            QueueKey::AwsManaged
        );
        assert_eq!(key("alias/orders"), QueueKey::Other);
        assert_eq!(key("alias/my/aws/sqs"), QueueKey::Other);
        assert_eq!(QueueKey::of(None), QueueKey::None);
    }
}
