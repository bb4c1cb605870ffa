//! Organizations: requests that AWS rejects get its error and change nothing.

use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::Mock;

mod accounts;
mod handshakes;
mod policies;
mod tree;

const MANAGEMENT: &str = "111122223333";

/// A mock with an organisation.
pub(crate) struct Organization {
    pub(crate) mock: Mock,
    pub(crate) root: String,
}

impl Organization {
    pub(crate) fn new() -> Self {
        Self::with("ALL")
    }

    pub(crate) fn with(features: &str) -> Self {
        let mock = Mock::start(Empty);
        let created = mock.organizations(
            MANAGEMENT,
            "CreateOrganization",
            &json!({"FeatureSet": features}).to_string(),
        );
        assert_eq!(created.status, 200, "{}", created.body);
        let mut it = Self {
            mock,
            root: String::new(),
        };
        it.root = it.call("ListRoots", json!({}))["Roots"][0]["Id"]
            .as_str()
            .unwrap()
            .to_owned();
        it
    }

    /// The response to a call of an account.
    pub(crate) fn call_as(&self, account: &str, operation: &str, input: &Value) -> Value {
        let answer = self
            .mock
            .organizations(account, operation, &input.to_string());
        assert_eq!(answer.status, 200, "{operation} {input}: {}", answer.body);
        answer.json()
    }

    pub(crate) fn call(&self, operation: &str, input: Value) -> Value {
        self.call_as(MANAGEMENT, operation, &input)
    }

    /// Asserts that a call is rejected with a code and reason, and changes nothing; returns the
    /// message.
    pub(crate) fn refused_as(
        &self,
        account: &str,
        operation: &str,
        input: &Value,
        code: &str,
        reason: &str,
    ) -> String {
        let before = self.state();
        let answer = self
            .mock
            .organizations(account, operation, &input.to_string());
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (400, Some(code)),
            "{operation} {input}: {}",
            answer.body
        );
        let body = answer.json();
        assert_eq!(
            body["Reason"].as_str().unwrap_or_default(),
            reason,
            "{operation} {input}: {body}"
        );
        assert_eq!(
            self.state(),
            before,
            "{operation} {input} was refused and changed something"
        );
        body["Message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn refused(
        &self,
        operation: &str,
        input: Value,
        code: &str,
        reason: &str,
    ) -> String {
        self.refused_as(MANAGEMENT, operation, &input, code, reason)
    }

    /// Everything that can be read of the organisation.
    fn state(&self) -> Vec<Value> {
        let types = [
            "SERVICE_CONTROL_POLICY",
            "RESOURCE_CONTROL_POLICY",
            "TAG_POLICY",
            "AISERVICES_OPT_OUT_POLICY",
        ];
        let mut state = vec![self.call("ListRoots", json!({}))];
        let accounts = self.all("ListAccounts", &json!({}), "Accounts");
        let mut targets: Vec<Value> = accounts
            .iter()
            .map(|account| account["Id"].clone())
            .collect();
        let mut below = vec![json!(self.root)];
        while let Some(parent) = below.pop() {
            let units = self.all(
                "ListOrganizationalUnitsForParent",
                &json!({"ParentId": parent}),
                "OrganizationalUnits",
            );
            below.extend(units.iter().map(|unit| unit["Id"].clone()));
            state.extend(units);
            targets.push(parent);
        }
        state.extend(accounts);
        for target in &targets {
            state.extend(self.all(
                "ListTagsForResource",
                &json!({"ResourceId": target}),
                "Tags",
            ));
            for kind in types {
                state.extend(self.all(
                    "ListPoliciesForTarget",
                    &json!({"TargetId": target, "Filter": kind}),
                    "Policies",
                ));
            }
        }
        for kind in types {
            for policy in self.all("ListPolicies", &json!({"Filter": kind}), "Policies") {
                state.push(self.call("DescribePolicy", json!({"PolicyId": policy["Id"]})));
                state.extend(self.all(
                    "ListTagsForResource",
                    &json!({"ResourceId": policy["Id"]}),
                    "Tags",
                ));
            }
        }
        for (operation, list) in [
            ("ListDelegatedAdministrators", "DelegatedAdministrators"),
            (
                "ListAWSServiceAccessForOrganization",
                "EnabledServicePrincipals",
            ),
            ("ListCreateAccountStatus", "CreateAccountStatuses"),
            ("ListHandshakesForOrganization", "Handshakes"),
        ] {
            state.extend(self.all(operation, &json!({}), list));
        }
        state.push(
            self.mock
                .organizations(MANAGEMENT, "DescribeResourcePolicy", "{}")
                .json(),
        );
        state
    }

    /// The items of all pages of a list.
    pub(crate) fn all(&self, operation: &str, input: &Value, list: &str) -> Vec<Value> {
        let (mut input, mut items) = (input.clone(), Vec::new());
        loop {
            let page = self.call(operation, input.clone());
            items.extend(page[list].as_array().unwrap().iter().cloned());
            match page["NextToken"].as_str() {
                Some(token) => input["NextToken"] = json!(token),
                None => return items,
            }
        }
    }

    pub(crate) fn unit(&self, parent: &str, name: &str) -> String {
        let unit = self.call(
            "CreateOrganizationalUnit",
            json!({"ParentId": parent, "Name": name}),
        );
        unit["OrganizationalUnit"]["Id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn account(&self, name: &str) -> String {
        let status = self.call(
            "CreateAccount",
            json!({"Email": format!("{name}@example.com"), "AccountName": name}),
        );
        assert_eq!(
            status["CreateAccountStatus"]["State"], "SUCCEEDED",
            "{status}"
        );
        status["CreateAccountStatus"]["AccountId"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A service control policy that denies something.
    pub(crate) fn policy(&self, name: &str) -> String {
        let content = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
        let input = json!({"Name": name, "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content});
        self.call("CreatePolicy", input)["Policy"]["PolicySummary"]["Id"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}
