//! What counts as a response, and what does not.

use super::{AnswerError, RequestNames, check};
use crate::operation::{Member, Operation};
use crate::quota::STS;

const LIST: Operation = Operation::new("lambda:ListAliases", &STS)
    .lists("Aliases", 10)
    .sends(&[Member::text("Aliases[].Name")]);
const GET: Operation = Operation::new("lambda:GetAccountSettings", &STS).sends(&[
    Member::object("AccountLimit"),
    Member::number("AccountUsage.FunctionCount"),
]);
const WHO: Operation = Operation::new("sts:GetCallerIdentity", &STS)
    .answers_in_xml()
    .sends(&[Member::text("Account")]);
const ROLES: Operation = Operation::new("iam:GetAccountAuthorizationDetails", &STS)
    .answers_in_xml()
    .lists("RoleDetailList", 10)
    .sends(&[Member::text("IsTruncated")])
    .items_have(&[Member::text("RoleDetailList[].Arn")]);

fn plain(operation: &Operation, status: u16, body: &str) -> Result<(), AnswerError> {
    check(
        operation,
        &RequestNames::default(),
        true,
        status,
        |_| None,
        body.as_bytes(),
    )
}

#[test]
fn what_aws_sends_is_believed() {
    for body in [
        r#"{"Aliases":[]}"#,
        r#"{"NextMarker":null,"Aliases":[{"Name":"live","Description":""},{"Name":"b","RoutingConfig":{"AdditionalVersionWeights":{"2":0.5}}}]}"#,
        " {\"Aliases\" : [ ] }\n",
    ] {
        assert_eq!(plain(&LIST, 200, body), Ok(()), "{body}");
    }
    assert_eq!(
        plain(
            &GET,
            200,
            r#"{"AccountLimit":{},"AccountUsage":{"FunctionCount":0}}"#
        ),
        Ok(())
    );
    let who = "<?xml version=\"1.0\"?><GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
               <Account>111122223333</Account></GetCallerIdentityResult><ResponseMetadata/></GetCallerIdentityResponse>\n";
    assert_eq!(plain(&WHO, 200, who), Ok(()));
    for list in [
        "<RoleDetailList/>",
        "<RoleDetailList></RoleDetailList>",
        "<RoleDetailList><member><Path>/</Path><Arn>a</Arn></member></RoleDetailList>",
    ] {
        let body = format!(
            "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated>{list}\
             </GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
        );
        assert_eq!(plain(&ROLES, 200, &body), Ok(()), "{body}");
    }
}

/// A connection that is out of step, or a cache that mixes accounts, brings answers to other
/// calls.
#[test]
fn an_answer_about_something_else_is_not_believed() {
    const OWN: Operation = Operation::new("lambda:ListAliases", &STS)
        .lists("Aliases", 10)
        .sends(&[Member::own("Aliases[].AliasArn")]);
    let function = "arn:aws:lambda:eu-west-1:111122223333:function:pay";
    let here = RequestNames {
        account: "111122223333",
        region: "eu-west-1",
        function: "",
    };
    let told = |asked: &RequestNames<'_>, arn: &str| {
        let body = format!(r#"{{"Aliases":[{{"AliasArn":"{arn}"}}]}}"#);
        check(&OWN, asked, false, 200, |_| None, body.as_bytes())
            .err()
            .map(|error| error.to_string())
    };
    for (asked, arn, whose) in [
        (here, function, None),
        (RequestNames { function, ..here }, function, None),
        (
            RequestNames { function, ..here },
            "arn:aws:lambda:eu-west-1:111122223333:function:pay:live",
            None,
        ),
        (
            RequestNames::default(),
            "arn:aws:lambda:us-east-1:444455556666:function:pay",
            None,
        ),
        (
            RequestNames { region: "", ..here },
            "arn:aws:iam::111122223333:role/x",
            None,
        ),
        (
            here,
            "arn:aws:lambda:eu-west-1:444455556666:function:pay",
            Some("account"),
        ),
        (
            here,
            "arn:aws:lambda:us-east-1:111122223333:function:pay",
            Some("Region"),
        ),
        (here, "pay", Some("account")),
        (
            RequestNames { function, ..here },
            "arn:aws:lambda:eu-west-1:111122223333:function:pay-2",
            Some("function"),
        ),
        (
            RequestNames { function, ..here },
            "arn:aws:lambda:eu-west-1:111122223333:function:p",
            Some("function"),
        ),
    ] {
        let expected = whose.map(|whose| {
            format!("the response's member `Aliases[0].AliasArn` belongs to another {whose}")
        });
        assert_eq!(told(&asked, arn), expected, "{asked:?} {arn}");
    }
    assert!(
        plain(&OWN, 200, r#"{"Aliases":[{"AliasArn":5}]}"#).is_err()
            && plain(&OWN, 200, r#"{"Aliases":[{}]}"#).is_err()
    );
}

#[test]
fn what_is_not_utf_8_is_neither_an_answer_nor_an_error_of_aws() {
    let broken = b"{\"Aliases\":[{\"Name\":\"live\",\"Description\":\"\xff\"}]}";
    assert!(
        matches!(check(&LIST, &RequestNames::default(), true, 200, |_| None, broken.as_slice()), Err(AnswerError::Malformed(why)) if why.contains("not UTF-8"))
    );
    let code = |_| Some("ResourceNotFoundException".to_owned());
    assert!(matches!(
        check(
            &LIST,
            &RequestNames::default(),
            true,
            404,
            code,
            broken.as_slice()
        ),
        Err(AnswerError::Foreign { status: 404, .. })
    ));
    assert_eq!(
        check(
            &LIST,
            &RequestNames::default(),
            true,
            404,
            code,
            b"{\"Message\":\"x\"}".as_slice()
        ),
        Ok(())
    );
}

/// Siblings of one fault: what is missing, null, of another type, there twice, cut or not JSON
/// at all.
#[test]
fn what_aws_does_not_send_is_told_by_member_and_type() {
    let long = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (operation, body, why) in [
        (&LIST, "", "not valid JSON"),
        (&LIST, "null", "null, not an object"),
        (&LIST, "[]", "a list, not an object"),
        (&LIST, "\"ok\"", "a string, not an object"),
        (&LIST, "{}", "lacks `Aliases`"),
        (&LIST, r#"{"message":"ok"}"#, "lacks `Aliases`"),
        (&LIST, r#"{"aliases":[]}"#, "lacks `Aliases`"),
        (
            &LIST,
            r#"{"Aliases":null}"#,
            "`Aliases` is null, not a list",
        ),
        (
            &LIST,
            r#"{"Aliases":{}}"#,
            "`Aliases` is an object, not a list",
        ),
        (
            &LIST,
            r#"{"Aliases":"[]"}"#,
            "`Aliases` is a string, not a list",
        ),
        (&LIST, r#"{"Aliases":[null]}"#, "`Aliases[0]` is null"),
        (
            &LIST,
            r#"{"Aliases":[{"Name":"a"},"b"]}"#,
            "`Aliases[1]` is a string, not an object",
        ),
        (
            &LIST,
            r#"{"Aliases":[{"Name":"a"},{}]}"#,
            "lacks `Aliases[1].Name`",
        ),
        (
            &LIST,
            r#"{"Aliases":[{"Name":""}]}"#,
            "`Aliases[0].Name` is empty",
        ),
        (
            &LIST,
            r#"{"Aliases":[{"Name":1}]}"#,
            "`Aliases[0].Name` is a number, not a string",
        ),
        (
            &LIST,
            r#"{"Aliases":[{"Name":"a","Name":"b"}]}"#,
            "`Aliases[0].Name` appears twice",
        ),
        (
            &LIST,
            r#"{"Aliases":[{"Name":"a"}],"Aliases":[]}"#,
            "`Aliases` appears twice",
        ),
        (&LIST, r#"{"Aliases":[]"#, "not valid JSON"),
        (&LIST, r#"{"Aliases":[]}}"#, "not valid JSON"),
        (&LIST, r#"{"Aliases":[],}"#, "not valid JSON"),
        (&LIST, "<html><body>OK</body></html>", "not valid JSON"),
        (&LIST, &long, "a list, not an object"),
        (&GET, r#"{"AccountLimit":{}}"#, "lacks `AccountUsage`"),
        (
            &GET,
            r#"{"AccountLimit":{},"AccountUsage":{}}"#,
            "lacks `AccountUsage.FunctionCount`",
        ),
        (
            &GET,
            r#"{"AccountLimit":[],"AccountUsage":{"FunctionCount":0}}"#,
            "`AccountLimit` is a list, not an object",
        ),
        (
            &GET,
            r#"{"AccountLimit":{},"AccountUsage":{"FunctionCount":"0"}}"#,
            "`AccountUsage.FunctionCount` is a string, not a number",
        ),
        (&WHO, "", "not valid XML"),
        (&WHO, "{}", "not valid XML"),
        (
            &WHO,
            "<html><body/></html>",
            "not `GetCallerIdentityResponse`",
        ),
        (
            &WHO,
            "<GetCallerIdentityResponse/>",
            "lacks `GetCallerIdentityResult`",
        ),
        (
            &WHO,
            "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>",
            "lacks `Account`",
        ),
        (
            &WHO,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account/></GetCallerIdentityResult></GetCallerIdentityResponse>",
            "`Account` is empty",
        ),
        (
            &WHO,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account><Account>2</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
            "`Account` appears twice",
        ),
        (
            &WHO,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>",
            "not valid XML (`GetCallerIdentityResponse` is not closed)",
        ),
        (
            &WHO,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>",
            "not valid XML (`Account` is closed by `Arn`)",
        ),
        (
            &ROLES,
            "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>",
            "lacks `RoleDetailList`",
        ),
    ] {
        let Err(AnswerError::Malformed(told)) = plain(operation, 200, body) else {
            panic!("{body} is believed")
        };
        assert!(told.contains(why), "{told:?} does not say {why:?}");
    }
}

/// Lists in XML differ from what stands in their place, and their items by what identifies
/// them.
#[test]
fn lists_in_xml_are_lists_of_items() {
    let told = |list: &str, strict| {
        let body = format!(
            "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated>\
             <RoleDetailList>{list}</RoleDetailList></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
        );
        check(
            &ROLES,
            &RequestNames::default(),
            strict,
            200,
            |_| None,
            body.as_bytes(),
        )
        .err()
        .map(|error| error.to_string())
    };
    for (list, why) in [
        ("mistyped", "`RoleDetailList` is not a list"),
        ("<Wrong>x</Wrong>", "`RoleDetailList` is not a list"),
        ("<member/>", "`RoleDetailList` has an empty item"),
        ("<member>x</member>", "`RoleDetailList` has an empty item"),
    ] {
        for strict in [false, true] {
            assert!(
                told(list, strict).is_some_and(|told| told.contains(why)),
                "{list}: {:?}",
                told(list, strict)
            );
        }
    }
    let nameless = "<member><Arn>a</Arn></member><member><Path>/</Path></member>";
    assert_eq!(told(nameless, false), None);
    assert!(
        told(nameless, true)
            .is_some_and(|told| told.contains("an item of `RoleDetailList` lacks `Arn`"))
    );
    assert_eq!(told("\n  <member><Arn>a</Arn></member>\n", true), None);
}

#[test]
fn an_error_is_the_services_own_or_none() {
    let typed = |code: &'static str| {
        move |name: &'static str| (name == "x-amzn-errortype").then(|| code.to_owned())
    };
    for (code, body) in [
        (
            "ResourceNotFoundException",
            r#"{"Type":"User","message":"Function not found"}"#,
        ),
        ("AccessDeniedException", r#"{"Message":null}"#),
        (
            "ResourceNotFoundException:http://internal.amazon.com/coral/com.amazonaws.lambda/",
            "{}",
        ),
    ] {
        assert_eq!(
            check(
                &LIST,
                &RequestNames::default(),
                true,
                404,
                typed(code),
                body.as_bytes()
            ),
            Ok(()),
            "{code}"
        );
        assert!(
            check(
                &LIST,
                &RequestNames::default(),
                true,
                302,
                typed(code),
                body.as_bytes()
            )
            .is_err()
        );
        for foreign in ["", "<html/>", "null", "[]", r#""no""#, r#"{"message":"#] {
            assert!(
                check(
                    &LIST,
                    &RequestNames::default(),
                    true,
                    404,
                    typed(code),
                    foreign.as_bytes()
                )
                .is_err(),
                "{foreign}"
            );
        }
    }
    assert_eq!(
        plain(
            &LIST,
            400,
            r#"{"__type":"com.amazonaws.organizations#AccessDeniedException"}"#
        ),
        Ok(())
    );
    let denied = "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    assert_eq!(plain(&WHO, 403, denied), Ok(()));
    for (operation, body) in [
        (&LIST, ""),
        (&LIST, "{}"),
        (&LIST, r#"{"message":"Not Found"}"#),
        (&LIST, r#"{"__type":"no code <b>"}"#),
        (&LIST, r#"{"__type":""}"#),
        (&LIST, "<html><head><title>404</title></head></html>"),
        (&LIST, denied),
        (&WHO, ""),
        (
            &WHO,
            "<html><Error><Code>AccessDenied</Code></Error></html>",
        ),
        (
            &WHO,
            "<ErrorResponse><Error><Code/></Error></ErrorResponse>",
        ),
        (&WHO, "<ErrorResponse><Error><Code>AccessDenied</Code>"),
        (&WHO, r#"{"__type":"AccessDenied"}"#),
    ] {
        for status in [204, 302, 403, 404, 429, 500, 503] {
            assert_eq!(
                plain(operation, status, body),
                Err(AnswerError::Foreign { status, kind: None }),
                "{body}"
            );
        }
    }
}
