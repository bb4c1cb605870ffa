//! Builds a generated function from its traits: configuration, versions, alias, policy, URL,
//! settings.

use serde_json::{Map, Value, json};

use super::{extras, settings};
use crate::plan::chance::Chance;
use crate::plan::queues::{PARTNER, Target};
use crate::plan::settings::{Key, Signing, Updates};
use crate::plan::traits::{Behind, Destination, Grant, Special, Traits, Url};
use crate::plan::{BEGAN, synthetic};
use crate::services::lambda::store::{Function, Policy};

/// The account and Region for which functions are built.
pub(super) struct Place<'a> {
    pub(super) seed: u64,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    /// The code signing configuration that rejects untrusted code.
    pub(super) signing: &'a str,
    /// The one that warns about it.
    pub(super) signing_warnings: &'a str,
    pub(super) organization: String,
    pub(super) management: &'a str,
    /// The account that has the organisation's own queues.
    pub(super) central: &'a str,
}

impl Place<'_> {
    /// A function with the first of the roles; a version may have the second one.
    pub(super) fn function(
        &self,
        traits: &Traits,
        (role, other_role): (&str, &str),
        chance: &mut Chance,
    ) -> Function {
        let arn = format!(
            "arn:aws:lambda:{}:{}:function:{}",
            self.region, self.account, traits.name
        );
        let configuration = self.configuration(traits, role, &arn, chance);
        // `$LATEST` has changed since the last version: publishing creates a new one.
        let mut function = Function {
            configuration: configuration.clone().into(),
            changed: traits.versions > 0,
            ..Function::default()
        };
        for number in 1..=traits.versions {
            let mut version = configuration.clone();
            version.insert("FunctionArn".to_owned(), json!(format!("{arn}:{number}")));
            version.insert("Version".to_owned(), json!(number.to_string()));
            if number == traits.versions
                && let Some(behind) = traits.behind_alias
            {
                self.differ(&mut version, behind, other_role, number);
            }
            if number == 1
                && let Some(kind) = traits.forgotten
            {
                self.differ(&mut version, Behind::Secret(kind), other_role, number);
            }
            function.versions.push(version.into());
        }
        if traits.versions > 0 {
            let alias = json!({"AliasArn": format!("{arn}:live"), "Name": "live", "FunctionVersion": traits.versions.to_string(), "Description": "", "RevisionId": "1"});
            let alias = extras::with_routing(alias, traits.split_to());
            function.aliases.insert("live".to_owned(), alias);
        }
        let qualifier = if traits.on_alias { "live" } else { "" };
        let resource = if traits.on_alias {
            format!("{arn}:live")
        } else {
            arn.clone()
        };
        let statements = self.statements(traits, &resource);
        if !statements.is_empty() {
            let document =
                json!({"Version": "2012-10-17", "Id": "default", "Statement": statements});
            function.policies.insert(
                qualifier.to_owned(),
                Policy {
                    document,
                    revision_id: "1".to_owned(),
                },
            );
        }
        let auth_type = match traits.url {
            Url::Iam => Some("AWS_IAM"),
            Url::Open | Url::Latent | Url::HalfOpen => Some("NONE"),
            Url::None | Url::Leftover => None,
        };
        if let Some(auth_type) = auth_type {
            let id = chance.letters("abcdefghijklmnopqrstuvwxyz234567", 32);
            let url = json!({
                "FunctionUrl": format!("https://{id}.lambda-url.{}.on.aws/", self.region),
                "FunctionArn": resource,
                "AuthType": auth_type,
                "Cors": settings::cors(traits),
                "CreationTime": "2025-02-01T12:00:00Z",
                "LastModifiedTime": "2025-02-01T12:00:00Z",
                "InvokeMode": "BUFFERED",
            });
            function.urls.insert(qualifier.to_owned(), url);
        }
        let queue = self.queue_arn(match traits.destination {
            Destination::OnSuccess => Target::Own,
            _ => traits.targets.destination,
        });
        let destination = match traits.destination {
            Destination::None => None,
            Destination::OnSuccess => Some((
                "$LATEST",
                json!({"OnSuccess": {"Destination": queue}, "OnFailure": {}}),
            )),
            Destination::OnFailure => Some((
                "$LATEST",
                json!({"OnSuccess": {}, "OnFailure": {"Destination": queue}}),
            )),
            Destination::OnFailureOfAlias => {
                Some(("live", json!({"OnFailure": {"Destination": queue}})))
            }
        };
        if let Some((qualifier, config)) = destination {
            let config = json!({"FunctionArn": format!("{arn}:{qualifier}"), "LastModified": BEGAN, "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600, "DestinationConfig": config});
            function
                .event_invoke_configs
                .insert(qualifier.to_owned(), config);
        }
        function.reserved_concurrency = traits.reserved.then_some(traits.settings.executions);
        if let Some(requested) = traits.provisioned() {
            function.provisioned.insert(
                "live".to_owned(),
                settings::provisioned(traits, requested).into(),
            );
        }
        function.code_signing_config = traits.code_signing.then(|| {
            match traits.settings.signing {
                Signing::Enforced | Signing::EnforcedLater => self.signing,
                Signing::Warning => self.signing_warnings,
            }
            .to_owned()
        });
        function.image_uri = traits.runtime.is_none().then(|| {
            format!(
                "{}.dkr.ecr.{}.amazonaws.com/{}:v{}",
                self.owner(traits.extras.registry),
                self.region,
                traits.name,
                1 + chance.below(9)
            )
        });
        function.tags = settings::tags(traits, chance);
        let updates = match traits.settings.updates {
            Updates::Automatic => None,
            Updates::OnDeployment => Some(json!({"UpdateRuntimeOn": "FunctionUpdate"})),
            Updates::Pinned => Some(
                json!({"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": self.runtime_version()}),
            ),
        };
        if let Some(updates) = updates {
            let of_latest = "$LATEST".to_owned();
            function.runtime_management.insert(of_latest, updates);
        }
        function
    }

    /// The account in which something is.
    fn owner(&self, of: Key) -> &str {
        match of {
            Key::Own => self.account,
            Key::Central => self.central,
            Key::Partner => PARTNER,
        }
    }

    fn durable(&self, traits: &Traits) -> Value {
        let mut config =
            json!({"RetentionPeriodInDays": traits.settings.retention, "ExecutionTimeout": 86_400});
        if traits.settings.durable_key {
            config["KMSKeyArn"] = json!(format!(
                "arn:aws:kms:{}:{}:key/55555555-4444-3333-2222-111111111111",
                self.region, self.account
            ));
        }
        config
    }

    fn runtime_version(&self) -> String {
        format!("arn:aws:lambda:{}::runtime:0cdcfbdefbc5e7d3", self.region)
    }

    fn queue_arn(&self, target: Target) -> String {
        format!(
            "arn:aws:sqs:{}:{}:{}",
            self.region,
            target.account(self.account, self.central),
            target.name()
        )
    }

    /// Makes a version differ from `$LATEST`.
    fn differ(&self, version: &mut Map<String, Value>, behind: Behind, role: &str, number: usize) {
        match behind {
            Behind::Runtime(runtime) => {
                version.insert("Runtime".to_owned(), json!(runtime));
            }
            Behind::Role => {
                version.insert("Role".to_owned(), json!(role));
            }
            Behind::Secret(kind) => {
                let name = version
                    .get("FunctionName")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let place = name
                    .bytes()
                    .map(u64::from)
                    .chain([number as u64])
                    .collect::<Vec<_>>();
                let (name, value) = synthetic::secret(
                    kind,
                    &mut Chance::new(self.seed, "version's secret", &place),
                );
                version
                    .entry("Environment")
                    .or_insert_with(|| json!({"Variables": {}}))["Variables"][name] = json!(value);
            }
        }
    }

    fn configuration(
        &self,
        traits: &Traits,
        role: &str,
        arn: &str,
        chance: &mut Chance,
    ) -> Map<String, Value> {
        let mut variables = Map::new();
        if traits.environment {
            variables.insert("APP".to_owned(), json!(traits.name));
            variables.extend(
                synthetic::harmless(self.account, self.region, chance)
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), json!(value))),
            );
            let filling = traits.settings.size.filling();
            if filling > 0 {
                let places = "eu-west-1,".repeat(filling / 10);
                variables.insert("PLACES".to_owned(), json!(places));
            }
            if let Some((name, value)) = traits.injection().variable() {
                variables.insert(name.to_owned(), json!(value));
            }
            if let Some(kind) = traits.secret {
                let (name, value) = synthetic::secret(
                    kind,
                    &mut Chance::new(self.seed, "secret", &[chance.next()]),
                );
                variables.insert(name.to_owned(), json!(value));
            }
        }
        let own = |at| {
            format!(
                "arn:aws:lambda:{}:{}:layer:common-{at}:3",
                self.region, self.account
            )
        };
        let layers: Vec<Value> = (0..traits.layers)
            .map(own)
            .chain(traits.foreign_layer().arn(self.region))
            .map(|arn| json!({"Arn": arn, "CodeSize": 20_480}))
            .collect();
        let day = 1 + chance.below(28);
        let mut configuration = json!({
            "FunctionName": traits.name,
            "FunctionArn": arn,
            "Role": role,
            "CodeSize": 1_000 + chance.below(5_000_000),
            "Description": if traits.settings.described { "Handles events" } else { "" },
            "Timeout": chance.pick(&[&3, &10, &30, &60, &900]),
            "MemorySize": chance.pick(&[&128, &256, &512, &1024, &1769]),
            "LastModified": format!("2025-{:02}-{day:02}T12:00:00.000+0000", 1 + chance.below(12)),
            "CodeSha256": format!("{}=", chance.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 43)),
            "Version": "$LATEST",
            "TracingConfig": {"Mode": if traits.settings.traced { "Active" } else { "PassThrough" }},
            "RevisionId": "1",
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "PackageType": if traits.runtime.is_some() { "Zip" } else { "Image" },
            "Architectures": [chance.pick(&["x86_64", "arm64"])],
            "EphemeralStorage": {"Size": 512},
            "SnapStart": {"ApplyOn": if traits.special == Special::SnapStart { "PublishedVersions" } else { "None" }, "OptimizationStatus": "Off"},
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": format!("/aws/lambda/{}", traits.name)},
        });
        let put = |name: &str, value: Value| (name.to_owned(), value);
        let mut more = Vec::new();
        if let Some(runtime) = traits.runtime {
            more.push(put("Runtime", json!(runtime)));
            more.push(put("Handler", json!("index.handler")));
            more.push(put(
                "RuntimeVersionConfig",
                json!({"RuntimeVersionArn": self.runtime_version()}),
            ));
        }
        if traits.environment {
            more.push(put("Environment", json!({"Variables": variables})));
        }
        if traits.environment && traits.customer_key {
            let key = format!(
                "arn:aws:kms:{}:{}:key/11111111-2222-3333-4444-555555555555",
                self.region,
                self.owner(traits.settings.key)
            );
            more.push(put("KMSKeyArn", json!(key)));
        }
        if traits.dead_letter {
            let target = self.queue_arn(traits.targets.dead_letter);
            more.push(put("DeadLetterConfig", json!({"TargetArn": target})));
        }
        if traits.vpc {
            more.push(put(
                "VpcConfig",
                json!({"SubnetIds": ["subnet-0a1b2c3d", "subnet-1a2b3c4d"], "SecurityGroupIds": ["sg-0a1b2c3d"], "VpcId": "vpc-0a1b2c3d"}),
            ));
        }
        if !layers.is_empty() {
            more.push(put("Layers", json!(layers)));
        }
        if traits.code_signing && traits.settings.signing == Signing::Enforced {
            let signer = format!("arn:aws:signer:{}:{}:", self.region, self.account);
            let profile = format!("{signer}/signing-profiles/releases/AbCdEf1234");
            more.push(put("SigningProfileVersionArn", json!(profile)));
            let job = format!("{signer}/signing-jobs/11111111-2222-3333-4444-555555555555");
            more.push(put("SigningJobArn", json!(job)));
        }
        match traits.special {
            Special::Durable => more.push(put("DurableConfig", self.durable(traits))),
            Special::Tenants => more.push(put(
                "TenancyConfig",
                json!({"TenantIsolationMode": "PER_TENANT"}),
            )),
            Special::None | Special::SnapStart => {}
        }
        match configuration.as_object_mut() {
            Some(configuration) => {
                configuration.extend(more);
                std::mem::take(configuration)
            }
            None => Map::new(),
        }
    }

    fn statements(&self, traits: &Traits, resource: &str) -> Vec<Value> {
        let mut statements = Vec::new();
        let mut add = |sid: &str, principal: Value, action: &str, condition: Value| {
            let mut statement = json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource});
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            statements.push(statement);
        };
        let invoke = "lambda:InvokeFunction";
        let account = self.account;
        if traits.settings.names_deleted {
            let id = json!({"AWS": "AROADBQP57FF2AEXAMPLE"});
            add("former", id, invoke, Value::Null);
        }
        for (sid, principal, action, condition) in extras::statements(traits, account) {
            add(sid, principal, action, condition);
        }
        for grant in &traits.grants {
            match grant {
                Grant::Everyone => add("open", json!("*"), invoke, Value::Null),
                Grant::Organization => add(
                    "org",
                    json!("*"),
                    invoke,
                    json!({"StringEquals": {"aws:PrincipalOrgID": self.organization}}),
                ),
                Grant::OrganizationPath => {
                    add(
                        "path",
                        json!({"AWS": "*"}),
                        invoke,
                        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": format!("{}/r-a1b2/ou-a1b2-workload/*", self.organization)}}),
                    );
                }
                Grant::EveryoneFromAccount => add(
                    "account",
                    json!({"AWS": "*"}),
                    invoke,
                    json!({"StringEquals": {"aws:PrincipalAccount": account}}),
                ),
                Grant::OtherAccount => add(
                    "partner",
                    json!({"AWS": "arn:aws:iam::999988887777:root"}),
                    invoke,
                    Value::Null,
                ),
                Grant::SiblingAccount => {
                    add(
                        "sibling",
                        json!({"AWS": format!("arn:aws:iam::{}:root", self.management)}),
                        invoke,
                        Value::Null,
                    );
                }
                Grant::Bucket => {
                    let condition = json!({"StringEquals": {"AWS:SourceAccount": account}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}});
                    add(
                        "bucket",
                        json!({"Service": "s3.amazonaws.com"}),
                        invoke,
                        condition,
                    );
                }
                Grant::AnyBucket => add(
                    "anybucket",
                    json!({"Service": "s3.amazonaws.com"}),
                    invoke,
                    Value::Null,
                ),
                Grant::Topic => {
                    add(
                        "topic",
                        json!({"Service": "sns.amazonaws.com"}),
                        invoke,
                        json!({"ArnLike": {"AWS:SourceArn": format!("arn:aws:sns:{}:{account}:topic", self.region)}}),
                    );
                }
                Grant::Rule => {
                    let condition = json!({"ArnLike": {"AWS:SourceArn": format!("arn:aws:events:{}:{account}:rule/nightly", self.region)}});
                    add(
                        "rule",
                        json!({"Service": "events.amazonaws.com"}),
                        invoke,
                        condition,
                    );
                }
                Grant::Alarm => {
                    let condition = json!({"StringEquals": {"AWS:SourceAccount": account}});
                    add(
                        "alarm",
                        json!({"Service": "lambda.alarms.cloudwatch.amazonaws.com"}),
                        invoke,
                        condition,
                    );
                }
                Grant::BucketByName => {
                    let condition = json!({"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}});
                    add(
                        "bucketbyname",
                        json!({"Service": "s3.amazonaws.com"}),
                        invoke,
                        condition,
                    );
                }
                Grant::PartnerRule => {
                    let condition = json!({"ArnLike": {"AWS:SourceArn": format!("arn:aws:events:{}:999988887777:rule/nightly", self.region)}});
                    add(
                        "partnerrule",
                        json!({"Service": "events.amazonaws.com"}),
                        invoke,
                        condition,
                    );
                }
                Grant::Gateway => {
                    let condition = json!({"ArnLike": {"AWS:SourceArn": format!("arn:aws:execute-api:{}:{account}:a1b2c3/*", self.region)}});
                    add(
                        "gateway",
                        json!({"Service": "apigateway.amazonaws.com"}),
                        invoke,
                        condition,
                    );
                }
            }
        }
        if matches!(traits.url, Url::Open | Url::Leftover | Url::HalfOpen) {
            add(
                "FunctionURLAllowPublicAccess",
                json!("*"),
                "lambda:InvokeFunctionUrl",
                json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
            );
        }
        if matches!(traits.url, Url::Open | Url::Leftover) {
            add(
                "FunctionURLAllowInvokeAction",
                json!("*"),
                invoke,
                json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
            );
        }
        statements
    }
}
