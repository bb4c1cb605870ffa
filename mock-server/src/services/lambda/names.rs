//! The forms in which callers name a function: by name, by a partial ARN, or by its ARN; with a
//! qualifier in it or as a separate parameter.

use super::store::{Function, Store};
use super::{arn, invalid, not_found, not_let_in, not_there, text};
use crate::call::{AwsError, Call, Input};

/// A function's name as callers may write it: the name, a part of the ARN, or the ARN; each with a
/// qualifier or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written<'a> {
    pub(crate) region: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
    pub(crate) name: &'a str,
    pub(crate) qualifier: Option<&'a str>,
}

impl<'a> Written<'a> {
    /// Reads a name according to the pattern of `FunctionName`: each part of the ARN before the
    /// name may be omitted, and is recognised by its form. Names that do not match the pattern have
    /// been rejected before.
    pub(crate) fn read(given: &'a str) -> Self {
        let after = |from: &'a str, is: fn(&str) -> bool| {
            from.split_once(':')
                .filter(|(part, rest)| is(part) && !rest.is_empty())
        };
        let in_arn = given
            .strip_prefix("arn:")
            .and_then(|rest| rest.split_once(":lambda:"));
        let rest = in_arn
            .filter(|(partition, rest)| !partition.contains(':') && !rest.is_empty())
            .map_or(given, |(_, rest)| rest);
        let (region, rest) =
            after(rest, is_region).map_or((None, rest), |(region, rest)| (Some(region), rest));
        let (account, rest) =
            after(rest, is_account).map_or((None, rest), |(account, rest)| (Some(account), rest));
        let rest = after(rest, |part| part == "function").map_or(rest, |(_, rest)| rest);
        // All that follows the name is the qualifier; one that contains a colon never exists.
        let (name, qualifier) = rest
            .split_once(':')
            .map_or((rest, None), |(name, qualifier)| (name, Some(qualifier)));
        Self {
            region,
            account,
            name,
            qualifier,
        }
    }
}

/// Whether a text has the form of a Region's name, as the pattern of `FunctionName` says:
/// `eu-west-1`, `us-gov-east-1`, `eusc-de-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] if words.len() >= 2 => {
            number.len() == 1 && number.as_bytes()[0].is_ascii_digit() && words.iter().all(is_word)
        }
        _ => false,
    }
}

/// Whether a text is an account id.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The function that a call names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) qualifier: Option<String>,
}

impl Target {
    /// Reads `FunctionName` and `Qualifier`; see [`Target::read`].
    pub(super) fn of(call: &Call<'_>, input: &Input) -> Result<Self, AwsError> {
        Self::read(
            call,
            text(input, "FunctionName").unwrap_or_default(),
            text(input, "Qualifier"),
        )
    }

    /// Reads a function's name or ARN, with the separate qualifier if there is one.
    ///
    /// # Errors
    /// As recorded from AWS: a function of another Region is not reachable, one of another account
    /// not permitted, and a qualifier that is given twice must be the same.
    pub(super) fn read(
        call: &Call<'_>,
        given: &str,
        beside: Option<&str>,
    ) -> Result<Self, AwsError> {
        let written = Written::read(given);
        if let Some(region) = written.region.filter(|region| *region != call.region) {
            return Err(not_there(format!(
                "Functions from '{region}' are not reachable in this region ('{}')",
                call.region
            )));
        }
        if written
            .account
            .is_some_and(|account| account != call.account())
        {
            return Err(foreign(call, &written));
        }
        if let (Some(within), Some(beside)) = (written.qualifier, beside)
            && within != beside
        {
            return Err(invalid(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        Ok(Self {
            name: written.name.to_owned(),
            qualifier: written.qualifier.or(beside).map(str::to_owned),
        })
    }

    /// [`Target::of`] for operations on whole functions, which take no version and no alias.
    ///
    /// Source of the text: what AWS answers to PutFunctionConcurrency with a qualified ARN, as
    /// recorded; that other operations on whole functions answer the same is an assumption.
    pub(super) fn whole(call: &Call<'_>, input: &Input) -> Result<Self, AwsError> {
        let target = Self::of(call, input)?;
        if target.plain_qualifier().is_empty() {
            Ok(target)
        } else {
            Err(for_functions_only())
        }
    }

    /// The ARN of the function itself.
    pub(super) fn unqualified_arn(&self, call: &Call<'_>) -> String {
        arn(call, "function", &self.name)
    }

    /// The ARN, with the qualifier if there is one.
    pub(super) fn arn(&self, call: &Call<'_>) -> String {
        let arn = self.unqualified_arn(call);
        match &self.qualifier {
            Some(qualifier) => format!("{arn}:{qualifier}"),
            None => arn,
        }
    }

    /// The qualifier, which is `$LATEST` where none is given.
    pub(super) fn full_qualifier(&self) -> &str {
        self.qualifier.as_deref().unwrap_or("$LATEST")
    }

    /// The ARN, with `$LATEST` where no qualifier is given.
    pub(super) fn full_arn(&self, call: &Call<'_>) -> String {
        format!("{}:{}", self.unqualified_arn(call), self.full_qualifier())
    }

    /// The qualifier, which is empty for the function itself and for `$LATEST`.
    pub(super) fn plain_qualifier(&self) -> &str {
        self.qualifier
            .as_deref()
            .filter(|qualifier| *qualifier != "$LATEST")
            .unwrap_or("")
    }

    /// The function, if its qualifier exists too.
    pub(super) fn function<'a>(
        &self,
        call: &Call<'_>,
        store: &'a Store,
    ) -> Result<&'a Function, AwsError> {
        let function = store
            .functions
            .get(&self.name)
            .ok_or_else(|| not_found(&self.arn(call)))?;
        if self.plain_qualifier().is_empty() || function.has_qualifier(self.plain_qualifier()) {
            Ok(function)
        } else {
            Err(not_found(&self.arn(call)))
        }
    }

    /// [`Target::function`], to change it.
    pub(super) fn function_mut<'a>(
        &self,
        call: &Call<'_>,
        store: &'a mut Store,
    ) -> Result<&'a mut Function, AwsError> {
        self.function(call, store)?;
        store.modified = true;
        store
            .functions
            .get_mut(&self.name)
            .ok_or_else(|| not_found(&self.arn(call)))
    }

    /// [`Target::function`] for operations that report a missing alias by its ARN, and everything
    /// else as a missing function.
    ///
    /// Source: answers recorded from AWS for AddPermission, RemovePermission and the operations of
    /// provisioned concurrency. A qualifier that could be an alias is treated as one even if there
    /// is no such function.
    pub(super) fn existing<'a>(
        &self,
        call: &Call<'_>,
        store: &'a Store,
    ) -> Result<&'a Function, AwsError> {
        self.function(call, store).map_err(|error| {
            if self.qualifier.as_deref().is_some_and(could_be_alias) {
                not_there(format!("Cannot find alias arn: {}", self.arn(call)))
            } else {
                error
            }
        })
    }

    /// [`Target::existing`], to change it.
    pub(super) fn existing_mut<'a>(
        &self,
        call: &Call<'_>,
        store: &'a mut Store,
    ) -> Result<&'a mut Function, AwsError> {
        self.existing(call, store)?;
        self.function_mut(call, store)
    }
}

/// Whether a qualifier has the form of an alias's name: neither a number nor with `$` in it.
pub(super) fn could_be_alias(qualifier: &str) -> bool {
    let of_alias = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    qualifier.bytes().all(of_alias) && qualifier.bytes().any(|byte| !byte.is_ascii_digit())
}

/// Lambda's error for a version or an alias where only a function is allowed.
pub(super) fn for_functions_only() -> AwsError {
    invalid(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.",
    )
}

/// AWS's error for another account's function whose policy does not let the caller use it. While
/// IAM is enforced, calls that the policy allows do not get here.
fn foreign(call: &Call<'_>, written: &Written<'_>) -> AwsError {
    let account = written.account.unwrap_or_default();
    let arn = format!(
        "arn:{}:lambda:{}:{account}:function:{}",
        call.partition(),
        call.region,
        written.name
    );
    let action = if call.operation == "Invoke" {
        "InvokeFunction"
    } else {
        call.operation
    };
    not_let_in(call, action, &arn)
}

#[cfg(test)]
mod tests {
    use super::Written;

    #[test]
    fn functions_are_named_in_all_forms_that_lambda_takes() {
        let (region, account) = (Some("eu-west-1"), Some("111122223333"));
        for (given, region, account, name, qualifier) in [
            ("orders", None, None, "orders", None),
            ("orders:live", None, None, "orders", Some("live")),
            ("function:orders", None, None, "orders", None),
            ("function:orders:7", None, None, "orders", Some("7")),
            (
                "111122223333:function:orders:7",
                None,
                account,
                "orders",
                Some("7"),
            ),
            ("111122223333:orders", None, account, "orders", None),
            (
                "eu-west-1:111122223333:function:orders",
                region,
                account,
                "orders",
                None,
            ),
            ("arn:aws:lambda:orders", None, None, "orders", None),
            (
                "arn:aws:lambda:eu-west-1:111122223333:function:orders",
                region,
                account,
                "orders",
                None,
            ),
            (
                "arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST",
                region,
                account,
                "orders",
                Some("$LATEST"),
            ),
            (
                "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:orders",
                Some("us-gov-west-1"),
                account,
                "orders",
                None,
            ),
            // Optional parts are matched from the left; a function may be named `function`.
            (
                "arn:aws:lambda:eu-west-1:111122223333:function",
                region,
                account,
                "function",
                None,
            ),
            ("function", None, None, "function", None),
            ("111122223333", None, None, "111122223333", None),
            ("orders:a:b", None, None, "orders", Some("a:b")),
            ("", None, None, "", None),
        ] {
            assert_eq!(
                Written::read(given),
                Written {
                    region,
                    account,
                    name,
                    qualifier
                },
                "{given}"
            );
        }
    }
}
