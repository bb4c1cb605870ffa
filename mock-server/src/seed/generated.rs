//! A generated organisation: realistic, deterministic, and made piece by piece.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::traits::{Destination, Grant, Special, Traits, Url};
use super::{DEFAULT_REGIONS, OPT_IN_REGIONS, Planted, Seed, Spec, synthetic};
use crate::services::iam::store::{Role, unique_id};
use crate::services::lambda::store::{Function, Policy};
use crate::services::{iam, lambda, organizations};

/// When the generated world began, in seconds since the epoch: 2024-01-01.
const BEGAN: f64 = 1_704_067_200.0;

/// A generated organisation. Exactly as many functions as were asked for are in its active accounts that have the role.
#[derive(Debug)]
pub struct Generated {
    spec: Spec,
    /// Ids of the accounts; the first is the management account.
    accounts: Vec<String>,
    by_id: HashMap<String, usize>,
    /// Functions by account and Region.
    counts: Vec<Vec<u32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Suspended,
    Roleless,
}

impl Generated {
    /// Plans an organisation; nothing of it is made yet.
    pub fn new(spec: Spec) -> Self {
        let mut by_id = HashMap::new();
        let mut accounts = Vec::with_capacity(spec.accounts);
        for index in 0..spec.accounts {
            let mut chance = Chance::new(spec.seed, "account", &[index as u64]);
            let id = loop {
                let id = format!("{:012}", 100_000_000_000 + chance.next() % 900_000_000_000);
                if !by_id.contains_key(&id) {
                    break id;
                }
            };
            by_id.insert(id.clone(), index);
            accounts.push(id);
        }
        let mut generated = Self { spec, accounts, by_id, counts: Vec::new() };
        generated.counts = generated.spread();
        generated
    }

    /// The management account.
    pub fn management_account(&self) -> &str {
        &self.accounts[0]
    }

    /// The organisation's id.
    fn organization_id(&self) -> String {
        format!("o-{}", Chance::new(self.spec.seed, "organization", &[]).letters("abcdefghijklmnopqrstuvwxyz0123456789", 10))
    }

    /// The last accounts are those that cannot be read.
    fn kind(&self, index: usize) -> Kind {
        let from_end = self.accounts.len() - 1 - index;
        if from_end < self.spec.suspended {
            Kind::Suspended
        } else if from_end < self.spec.suspended + self.spec.roleless {
            Kind::Roleless
        } else {
            Kind::Open
        }
    }

    /// Spreads the functions over accounts and Regions: a few accounts have most, and many Regions are empty.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are far below 2^32")]
    fn spread(&self) -> Vec<Vec<u32>> {
        let mut weights = Vec::new();
        for index in 0..self.accounts.len() {
            let mut chance = Chance::new(self.spec.seed, "weight", &[index as u64]);
            let rank = 1.0 + (chance.next() % self.accounts.len() as u64) as f64;
            let of_account = if self.spec.skewed { 1.0 / rank.powf(0.7) } else { 1.0 };
            for region in 0..self.spec.regions {
                let empty = self.spec.skewed && region > 0 && chance.percent(40);
                let of_region = if self.spec.skewed { 1.0 / (1.0 + region as f64) } else { 1.0 };
                weights.push(if empty || self.kind(index) != Kind::Open { 0.0 } else { of_account * of_region });
            }
        }
        let total: f64 = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        // Rounding what has been given so far, not each share, makes the sum come out.
        let (mut sum, mut given) = (0.0, 0);
        let last = weights.iter().rposition(|weight| *weight > 0.0);
        let mut counts = Vec::with_capacity(weights.len());
        for (at, weight) in weights.iter().enumerate() {
            sum += weight;
            let until =
                if Some(at) == last { self.spec.functions as u64 } else { (sum / total * self.spec.functions as f64).round() as u64 };
            let here = if *weight > 0.0 { until.saturating_sub(given) } else { 0 };
            given += here;
            counts.push(here as u32);
        }
        counts.chunks(self.spec.regions).map(<[u32]>::to_vec).collect()
    }

    fn region_index(&self, region: &str) -> Option<usize> {
        DEFAULT_REGIONS[..self.spec.regions].iter().position(|name| *name == region)
    }

    fn traits(&self, account: usize, region: usize) -> impl Iterator<Item = Traits> + '_ {
        let count = self.counts.get(account).and_then(|regions| regions.get(region)).copied().unwrap_or(0);
        (0..count).map(move |index| Traits::draw(self.spec.seed, account as u64, region as u64, index.into()))
    }

    fn role_name(&self, account: usize, region: usize, traits: &Traits) -> String {
        match traits.shared_role {
            Some(number) => format!("shared-lambda-{number}"),
            None => format!("{}-{}-{account}", traits.name, DEFAULT_REGIONS[region]),
        }
    }

    fn role_arn(&self, account: usize, region: usize, traits: &Traits) -> String {
        format!("arn:aws:iam::{}:role/service-role/{}", self.accounts[account], self.role_name(account, region, traits))
    }
}

impl Seed for Generated {
    fn organization(&self) -> organizations::store::Store {
        let mut store = organizations::store::Store {
            id: self.organization_id(),
            management_account: self.accounts[0].clone(),
            root_id: "r-a1b2".to_owned(),
            ..organizations::store::Store::default()
        };
        let mut unit = |id: &str, name: &str, parent: &str| {
            let id = format!("ou-a1b2-{id}");
            store.units.insert(id.clone(), organizations::store::Unit { name: name.to_owned(), parent: parent.to_owned() });
            id
        };
        let root = "r-a1b2";
        let security = unit("security", "Security", root);
        let infrastructure = unit("infrastr", "Infrastructure", root);
        let workloads = unit("workload", "Workloads", root);
        let production = unit("prod0000", "Prod", &workloads);
        let development = unit("dev00000", "Dev", &workloads);
        let sandbox = unit("sandbox0", "Sandbox", root);
        let suspended = unit("suspende", "Suspended", root);
        for (index, id) in self.accounts.iter().enumerate() {
            let mut chance = Chance::new(self.spec.seed, "place", &[index as u64]);
            let kind = self.kind(index);
            let (name, parent) = match (index, kind) {
                (0, _) => ("management".to_owned(), root),
                (_, Kind::Suspended) => (format!("closed-{index:04}"), suspended.as_str()),
                _ => {
                    let (stem, parent) = [
                        ("security", &security),
                        ("network", &infrastructure),
                        ("prod", &production),
                        ("prod", &production),
                        ("dev", &development),
                        ("sandbox", &sandbox),
                    ][chance.below(6)];
                    (format!("{stem}-{index:04}"), parent.as_str())
                }
            };
            let account = organizations::store::Account {
                email: format!("aws+{name}@example.com"),
                name,
                state: if kind == Kind::Suspended { if chance.percent(50) { "SUSPENDED" } else { "PENDING_CLOSURE" } } else { "ACTIVE" }
                    .to_owned(),
                joined_method: if index > 0 && kind != Kind::Roleless { "CREATED" } else { "INVITED" }.to_owned(),
                #[expect(clippy::cast_precision_loss, reason = "a few years in seconds")]
                joined: BEGAN + (chance.next() % 50_000_000) as f64,
                parent: parent.to_owned(),
            };
            store.accounts.insert(id.clone(), account);
        }
        organizations::add_full_access(&mut store);
        store
    }

    fn iam(&self, account: &str) -> iam::store::Store {
        let mut store = iam::store::Store::default();
        let Some(&index) = self.by_id.get(account) else { return store };
        let management = format!("arn:aws:iam::{}:root", self.accounts[0]);
        if self.kind(index) == Kind::Open {
            let mut role =
                Role::trusting(&format!("{account}{}", self.spec.role_name), &management, "arn:aws:iam::aws:policy/SecurityAudit");
            if let Some(external_id) = &self.spec.external_id {
                role.trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": management}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": external_id}}}]}).to_string();
            }
            role.created = BEGAN;
            store.roles.insert(self.spec.role_name.clone(), role);
        }
        if index > 0 && self.kind(index) != Kind::Roleless {
            let mut role = Role::trusting(&format!("{account}admin"), &management, "arn:aws:iam::aws:policy/AdministratorAccess");
            role.created = BEGAN;
            store.roles.insert("OrganizationAccountAccessRole".to_owned(), role);
        }
        for region in 0..self.spec.regions {
            for traits in self.traits(index, region) {
                let name = self.role_name(index, region, &traits);
                store.roles.entry(name.clone()).or_insert_with(|| Role {
                    path: "/service-role/".to_owned(),
                    id: unique_id("AROA", &format!("{account}{name}")),
                    trust: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#.to_owned(),
                    attached: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole".to_owned()].into(),
                    created: BEGAN,
                    ..Role::default()
                });
            }
        }
        store
    }

    fn lambda(&self, account: &str, region: &str) -> lambda::store::Store {
        let mut store = lambda::store::Store::default();
        let (Some(&account_index), Some(region_index)) = (self.by_id.get(account), self.region_index(region)) else { return store };
        let signing = format!("arn:aws:lambda:{region}:{account}:code-signing-config:csc-0a1b2c3d4e5f60718");
        let place = Place { seed: self.spec.seed, account, region, signing: &signing, organization: self.organization_id() };
        for (index, traits) in self.traits(account_index, region_index).enumerate() {
            let role = self.role_arn(account_index, region_index, &traits);
            let mut chance = Chance::new(self.spec.seed, "configuration", &[account_index as u64, region_index as u64, index as u64]);
            store.functions.insert(traits.name.clone(), place.function(&traits, &role, &mut chance));
        }
        if store.functions.values().any(|function| function.code_signing_config.is_some()) {
            let config = json!({
                "CodeSigningConfigId": "csc-0a1b2c3d4e5f60718",
                "CodeSigningConfigArn": signing,
                "AllowedPublishers": {"SigningProfileVersionArns": [format!("arn:aws:signer:{region}:{account}:/signing-profiles/releases/AbCdEf1234")]},
                "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
                "LastModified": "2025-03-01T12:00:00.000+0000",
            });
            store.code_signing_configs.insert(signing.clone(), config);
        }
        store
    }

    fn regions(&self, account: &str) -> Vec<(String, &'static str)> {
        let index = self.by_id.get(account).copied().unwrap_or(0);
        let default = DEFAULT_REGIONS[..self.spec.regions].iter().map(|region| ((*region).to_owned(), "ENABLED_BY_DEFAULT"));
        // Opted into by one account in seven, and empty there.
        let opt_in = OPT_IN_REGIONS
            .iter()
            .enumerate()
            .map(move |(at, region)| ((*region).to_owned(), if at == 0 && index % 7 == 3 { "ENABLED" } else { "DISABLED" }));
        default.chain(opt_in).collect()
    }

    fn truth(&self, as_of: &str) -> Vec<Planted> {
        let mut planted = Vec::new();
        for (account_index, account) in self.accounts.iter().enumerate() {
            let mut users: BTreeMap<String, u32> = BTreeMap::new();
            for (region_index, region) in DEFAULT_REGIONS[..self.spec.regions].iter().enumerate() {
                for traits in self.traits(account_index, region_index) {
                    *users.entry(self.role_arn(account_index, region_index, &traits)).or_default() += 1;
                    for misconfiguration in traits.misconfigurations(as_of) {
                        planted.push(Planted {
                            account: account.clone(),
                            region: (*region).to_owned(),
                            resource_arn: format!("arn:aws:lambda:{region}:{account}:function:{}", traits.name),
                            misconfiguration,
                        });
                    }
                }
            }
            planted.extend(users.into_iter().filter(|(_, users)| *users > 1).map(|(role, _)| Planted {
                account: account.clone(),
                region: String::new(),
                resource_arn: role,
                misconfiguration: "role-shared-by-functions",
            }));
        }
        planted
    }
}

/// Where functions are built.
struct Place<'a> {
    seed: u64,
    account: &'a str,
    region: &'a str,
    signing: &'a str,
    organization: String,
}

impl Place<'_> {
    fn function(&self, traits: &Traits, role: &str, chance: &mut Chance) -> Function {
        let arn = format!("arn:aws:lambda:{}:{}:function:{}", self.region, self.account, traits.name);
        let configuration = self.configuration(traits, role, &arn, chance);
        let mut function = Function { configuration, ..Function::default() };
        for number in 1..=traits.versions {
            let mut version = function.configuration.clone();
            version.insert("FunctionArn".to_owned(), json!(format!("{arn}:{number}")));
            version.insert("Version".to_owned(), json!(number.to_string()));
            function.versions.push(version);
        }
        if traits.versions > 0 {
            let alias = json!({"AliasArn": format!("{arn}:live"), "Name": "live", "FunctionVersion": traits.versions.to_string(), "Description": "", "RevisionId": "1"});
            function.aliases.insert("live".to_owned(), alias);
        }
        let qualifier = if traits.on_alias { "live" } else { "" };
        let resource = if traits.on_alias { format!("{arn}:live") } else { arn.clone() };
        let statements = self.statements(traits, &resource);
        if !statements.is_empty() {
            let document = json!({"Version": "2012-10-17", "Id": "default", "Statement": statements});
            function.policies.insert(qualifier.to_owned(), Policy { document, revision_id: "1".to_owned() });
        }
        let auth_type = match traits.url {
            Url::Iam => Some("AWS_IAM"),
            Url::Open | Url::Latent | Url::HalfOpen => Some("NONE"),
            Url::None | Url::Leftover => None,
        };
        if let Some(auth_type) = auth_type {
            // Some have no Cors, some have one without origins.
            let cors = match chance.below(3) {
                0 => Value::Null,
                1 => json!({"AllowMethods": ["GET"], "MaxAge": 300}),
                _ => json!({"AllowOrigins": ["*"], "AllowMethods": ["*"]}),
            };
            let id = chance.letters("abcdefghijklmnopqrstuvwxyz234567", 32);
            let url = json!({
                "FunctionUrl": format!("https://{id}.lambda-url.{}.on.aws/", self.region),
                "FunctionArn": resource,
                "AuthType": auth_type,
                "Cors": cors,
                "CreationTime": "2025-02-01T12:00:00Z",
                "LastModifiedTime": "2025-02-01T12:00:00Z",
                "InvokeMode": "BUFFERED",
            });
            function.urls.insert(qualifier.to_owned(), url);
        }
        let queue = format!("arn:aws:sqs:{}:{}:failed-events", self.region, self.account);
        let destination = match traits.destination {
            Destination::None => None,
            Destination::OnSuccess => Some(("$LATEST", json!({"OnSuccess": {"Destination": queue}, "OnFailure": {}}))),
            Destination::OnFailure => Some(("$LATEST", json!({"OnSuccess": {}, "OnFailure": {"Destination": queue}}))),
            Destination::OnFailureOfAlias => Some(("live", json!({"OnFailure": {"Destination": queue}}))),
        };
        if let Some((qualifier, config)) = destination {
            let config = json!({"FunctionArn": format!("{arn}:{qualifier}"), "LastModified": BEGAN, "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600, "DestinationConfig": config});
            function.event_invoke_configs.insert(qualifier.to_owned(), config);
        }
        function.reserved_concurrency = traits.reserved.then(|| chance.below(20) as u64);
        function.code_signing_config = traits.code_signing.then(|| self.signing.to_owned());
        function.image_uri = traits
            .runtime
            .is_none()
            .then(|| format!("{}.dkr.ecr.{}.amazonaws.com/{}:v{}", self.account, self.region, traits.name, 1 + chance.below(9)));
        if chance.percent(70) {
            function.tags.insert("team".to_owned(), chance.pick(&["orders", "platform", "data", "security"]).to_owned());
            function.tags.insert("cost-center".to_owned(), chance.letters("0123456789", 4));
        }
        if chance.percent(10) {
            function.runtime_management.insert("$LATEST".to_owned(), json!({"UpdateRuntimeOn": "FunctionUpdate"}));
        }
        function
    }

    fn configuration(&self, traits: &Traits, role: &str, arn: &str, chance: &mut Chance) -> Map<String, Value> {
        let mut variables = Map::new();
        if traits.environment {
            variables.insert("APP".to_owned(), json!(traits.name));
            variables.extend(
                synthetic::harmless(self.account, self.region, chance).into_iter().map(|(name, value)| (name.to_owned(), json!(value))),
            );
            if let Some(kind) = traits.secret {
                let (name, value) = synthetic::secret(kind, &mut Chance::new(self.seed, "secret", &[chance.next()]));
                variables.insert(name.to_owned(), json!(value));
            }
        }
        let layers: Vec<Value> = (0..traits.layers)
            .map(|at| json!({"Arn": format!("arn:aws:lambda:{}:{}:layer:common-{at}:3", self.region, self.account), "CodeSize": 20_480}))
            .collect();
        let day = 1 + chance.below(28);
        let mut configuration = json!({
            "FunctionName": traits.name,
            "FunctionArn": arn,
            "Role": role,
            "CodeSize": 1_000 + chance.below(5_000_000),
            "Description": "",
            "Timeout": chance.pick(&[&3, &10, &30, &60, &900]),
            "MemorySize": chance.pick(&[&128, &256, &512, &1024, &1769]),
            "LastModified": format!("2025-{:02}-{day:02}T12:00:00.000+0000", 1 + chance.below(12)),
            "CodeSha256": format!("{}=", chance.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 43)),
            "Version": "$LATEST",
            "TracingConfig": {"Mode": chance.pick(&["PassThrough", "Active"])},
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
                json!({"RuntimeVersionArn": format!("arn:aws:lambda:{}::runtime:0cdcfbdefbc5e7d3", self.region)}),
            ));
        }
        if traits.environment {
            more.push(put("Environment", json!({"Variables": variables})));
        }
        if traits.environment && traits.customer_key {
            more.push(put(
                "KMSKeyArn",
                json!(format!("arn:aws:kms:{}:{}:key/11111111-2222-3333-4444-555555555555", self.region, self.account)),
            ));
        }
        if traits.dead_letter {
            more.push(put("DeadLetterConfig", json!({"TargetArn": format!("arn:aws:sqs:{}:{}:dead-letters", self.region, self.account)})));
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
        match traits.special {
            Special::Durable => more.push(put("DurableConfig", json!({"RetentionPeriodInDays": 14, "ExecutionTimeout": 86_400}))),
            Special::Tenants => more.push(put("TenancyConfig", json!({"TenantIsolationMode": "PER_TENANT"}))),
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
        for grant in &traits.grants {
            match grant {
                Grant::Everyone => add("open", json!("*"), invoke, Value::Null),
                Grant::Organization => add("org", json!("*"), invoke, json!({"StringEquals": {"aws:PrincipalOrgID": self.organization}})),
                Grant::OrganizationPath => {
                    add(
                        "path",
                        json!({"AWS": "*"}),
                        invoke,
                        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": format!("{}/r-a1b2/ou-a1b2-workload/*", self.organization)}}),
                    );
                }
                Grant::EveryoneFromAccount => {
                    add("account", json!({"AWS": "*"}), invoke, json!({"StringEquals": {"aws:PrincipalAccount": account}}))
                }
                Grant::OtherAccount => add("partner", json!({"AWS": "arn:aws:iam::999988887777:root"}), invoke, Value::Null),
                Grant::Bucket => {
                    let condition =
                        json!({"StringEquals": {"AWS:SourceAccount": account}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}});
                    add("bucket", json!({"Service": "s3.amazonaws.com"}), invoke, condition);
                }
                Grant::AnyBucket => add("anybucket", json!({"Service": "s3.amazonaws.com"}), invoke, Value::Null),
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
                    add("rule", json!({"Service": "events.amazonaws.com"}), invoke, condition);
                }
                Grant::Gateway => {
                    let condition =
                        json!({"ArnLike": {"AWS:SourceArn": format!("arn:aws:execute-api:{}:{account}:a1b2c3/*", self.region)}});
                    add("gateway", json!({"Service": "apigateway.amazonaws.com"}), invoke, condition);
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
            add("FunctionURLAllowInvokeAction", json!("*"), invoke, json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}));
        }
        statements
    }
}
