//! Service models: operations, shapes and errors, from the trimmed files in `models/`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::pattern::Pattern;

mod route;
use route::Route;

/// A service as described by its model.
#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    pub(crate) metadata: Metadata,
    pub(crate) operations: HashMap<String, Operation>,
    /// Sorted by name. Members store the index of their shape, since lookups by name took a tenth
    /// of a call's time.
    #[serde(deserialize_with = "sorted")]
    shapes: Vec<(String, Shape)>,
    /// Paths of the operations of REST services, by method.
    #[serde(skip)]
    routes: Vec<Route>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    /// The protocol that current SDKs use.
    pub(crate) protocol: Protocol,
    /// All protocols of the service, if it has more than one.
    #[serde(default)]
    pub(crate) protocols: Vec<Protocol>,
    /// Set if the service used the query protocol before and keeps its error codes for older
    /// clients (Smithy's trait `aws.protocols#awsQueryCompatible`).
    #[serde(default)]
    aws_query_compatible: Option<serde_json::Value>,
    #[serde(default)]
    pub(crate) service_id: Option<String>,
    #[serde(default)]
    pub(crate) json_version: Option<String>,
    #[serde(default)]
    pub(crate) target_prefix: Option<String>,
    pub(crate) api_version: String,
    #[serde(default)]
    pub(crate) xml_namespace: Option<String>,
}

impl Metadata {
    /// Whether errors carry the code that the query protocol had for them.
    pub(crate) fn is_query_compatible(&self) -> bool {
        self.aws_query_compatible.is_some()
    }

    /// Whether the service supports the protocol.
    pub(crate) fn speaks(&self, protocol: Protocol) -> bool {
        self.protocol == protocol || self.protocols.contains(&protocol)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    Query,
    Ec2,
    Json,
    RestJson,
    RestXml,
    #[serde(rename = "smithy-rpc-v2-cbor")]
    RpcV2Cbor,
}

impl Protocol {
    /// Whether operations are distinguished by method and path.
    pub(crate) fn is_rest(self) -> bool {
        matches!(self, Self::RestJson | Self::RestXml)
    }

    /// Whether requests are forms of `Name=value` pairs.
    pub(crate) fn is_query(self) -> bool {
        matches!(self, Self::Query | Self::Ec2)
    }
}

/// The format of a timestamp in requests and responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TimestampFormat {
    /// `2026-11-24T12:00:00Z`.
    Iso8601,
    /// `Tue, 24 Nov 2026 12:00:00 GMT`, as in HTTP's own headers.
    Rfc822,
    /// Seconds since the epoch.
    UnixTimestamp,
}

/// A namespace of XML: `{"uri": …, "prefix": …}`, or the URI alone.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum XmlNamespace {
    Default(String),
    Full {
        uri: String,
        #[serde(default)]
        prefix: Option<String>,
    },
}

impl XmlNamespace {
    /// The prefix, if it has one, and the URI.
    pub(crate) fn parts(&self) -> (Option<&str>, &str) {
        match self {
            Self::Default(uri) => (None, uri),
            Self::Full { uri, prefix } => (prefix.as_deref(), uri),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) http: Http,
    /// Set if clients may compress requests.
    #[serde(default)]
    requestcompression: Option<serde_json::Value>,
    #[serde(default)]
    pub(crate) input: Option<Body>,
    #[serde(default)]
    pub(crate) output: Option<Body>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    #[serde(default)]
    pub(crate) response_code: Option<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    pub(crate) shape: String,
    #[serde(default)]
    pub(crate) result_wrapper: Option<String>,
    /// The name of the root element in XML, if it differs from the shape's.
    #[serde(default)]
    pub(crate) location_name: Option<String>,
    #[serde(default)]
    pub(crate) xml_namespace: Option<XmlNamespace>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Type {
    Structure,
    List,
    Map,
    String,
    Character,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp,
}

impl Type {
    /// Whether it is a number without a fraction.
    pub(crate) fn is_whole(self) -> bool {
        matches!(self, Self::Integer | Self::Long)
    }

    /// Whether it is a number with a fraction.
    pub(crate) fn is_decimal(self) -> bool {
        matches!(self, Self::Float | Self::Double)
    }

    /// Whether it contains other values.
    pub(crate) fn has_parts(self) -> bool {
        matches!(self, Self::Structure | Self::List | Self::Map)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Type,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    #[serde(default)]
    pub(crate) payload: Option<String>,
    #[serde(default, rename = "enum")]
    pub(crate) allowed: Vec<String>,
    #[serde(default)]
    pub(crate) min: Option<f64>,
    #[serde(default)]
    pub(crate) max: Option<f64>,
    #[serde(default)]
    pub(crate) pattern: Option<Pattern>,
    /// AWS does not repeat the values of sensitive members in its messages.
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    location_name: Option<String>,
    #[serde(default)]
    xml_namespace: Option<XmlNamespace>,
    #[serde(default)]
    timestamp_format: Option<TimestampFormat>,
    /// Whether it may be any JSON value.
    #[serde(default)]
    pub(crate) document: bool,
    /// Whether the list or map may contain nulls.
    #[serde(default)]
    pub(crate) sparse: bool,
    #[serde(default)]
    pub(crate) error: Option<ErrorTrait>,
    /// Set if the error is the service's fault.
    #[serde(default)]
    pub(crate) fault: bool,
    #[serde(default, deserialize_with = "ordered")]
    pub(crate) members: Vec<(String, Member)>,
    #[serde(default)]
    pub(crate) member: Option<Member>,
    #[serde(default)]
    pub(crate) key: Option<Member>,
    #[serde(default)]
    pub(crate) value: Option<Member>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorTrait {
    #[serde(default)]
    pub(crate) code: Option<String>,
    #[serde(default)]
    pub(crate) http_status_code: Option<u16>,
}

impl Shape {
    /// A member of a structure, by its name.
    pub(crate) fn find_member(&self, name: &str) -> Option<(&str, &Member)> {
        self.members
            .iter()
            .find(|(known, _)| known == name)
            .map(|(name, member)| (name.as_str(), member))
    }

    /// The name that the model gives root elements of the shape and, in the query protocol, all
    /// values of the shape.
    pub(crate) fn own_location_name(&self) -> Option<&str> {
        self.location_name.as_deref()
    }

    pub(crate) fn own_xml_namespace(&self) -> Option<&XmlNamespace> {
        self.xml_namespace.as_ref()
    }

    /// The member that is the whole body, in REST protocols.
    pub(crate) fn payload(&self) -> Option<(&str, &Member)> {
        self.find_member(self.payload.as_deref()?)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) shape: String,
    /// The index of the shape among those of its service.
    #[serde(skip)]
    at: usize,
    #[serde(default)]
    pub(crate) location: Option<Location>,
    #[serde(default)]
    pub(crate) location_name: Option<String>,
    /// The name in requests of the ec2 protocol, if it differs from `location_name`.
    #[serde(default)]
    pub(crate) query_name: Option<String>,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    pub(crate) xml_attribute: bool,
    #[serde(default)]
    xml_namespace: Option<XmlNamespace>,
    #[serde(default)]
    timestamp_format: Option<TimestampFormat>,
    /// Whether the string is JSON, which is encoded in Base64 in headers.
    #[serde(default)]
    pub(crate) jsonvalue: bool,
}

/// A member and its shape. Traits of the member take precedence over those of the shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) member: &'a Member,
    pub(crate) shape: &'a Shape,
}

impl<'a> Field<'a> {
    /// The name of the element, parameter or header; `default` if the model has none.
    pub(crate) fn wire_name(self, default: &'a str) -> &'a str {
        self.member.location_name.as_deref().unwrap_or(default)
    }

    /// The name of the root element if the field is one.
    pub(crate) fn root_name(self) -> &'a str {
        let of_shape = self.shape.location_name.as_deref();
        self.wire_name(of_shape.unwrap_or(&self.member.shape))
    }

    /// Whether the items of a list or map appear directly among the members of the structure around
    /// them.
    pub(crate) fn is_flattened(self) -> bool {
        self.member.flattened || self.shape.flattened
    }

    pub(crate) fn timestamp_format(self, default: TimestampFormat) -> TimestampFormat {
        let own = self.member.timestamp_format;
        own.or(self.shape.timestamp_format).unwrap_or(default)
    }

    /// The namespace that the element declares. The shape's own namespace applies only to root
    /// elements, unless it has a prefix, which attributes of the shape use.
    pub(crate) fn xml_namespace(self) -> Option<&'a XmlNamespace> {
        let of_shape = self.shape.xml_namespace.as_ref();
        let of_shape = of_shape.filter(|namespace| namespace.parts().0.is_some());
        self.member.xml_namespace.as_ref().or(of_shape)
    }

    /// The namespace of the root element if the field is one.
    pub(crate) fn root_namespace(self) -> Option<&'a XmlNamespace> {
        self.xml_namespace().or(self.shape.xml_namespace.as_ref())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Location {
    Uri,
    Querystring,
    Header,
    Headers,
    StatusCode,
}

/// Members keep the model's order, which is the order of elements in XML.
fn ordered<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, Member)>, D::Error> {
    let members = serde_json::Map::<String, serde_json::Value>::deserialize(deserializer)?;
    members
        .into_iter()
        .map(|(name, member)| {
            Ok((
                name,
                serde_json::from_value(member).map_err(serde::de::Error::custom)?,
            ))
        })
        .collect()
}

fn sorted<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, Shape)>, D::Error> {
    BTreeMap::deserialize(deserializer).map(|shapes| shapes.into_iter().collect())
}

impl Service {
    /// Reads a model.
    pub(crate) fn load(text: &str) -> Self {
        let mut service: Self = serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("a model of this build cannot be read: {error}"));
        service.place_shapes();
        if service.metadata.speaks(Protocol::RestJson) || service.metadata.speaks(Protocol::RestXml)
        {
            let routes = service.operations.iter();
            service.routes = routes
                .map(|(name, operation)| Route::new(&service, name, operation))
                .collect();
            // Sorted so that the order is the same in each run: operations come from a map.
            service
                .routes
                .sort_by(|one, other| one.operation.cmp(&other.operation));
        }
        service
    }

    /// Sets the index of the shape in each member.
    fn place_shapes(&mut self) {
        let names: Vec<String> = self.shapes.iter().map(|(name, _)| name.clone()).collect();
        for (_, shape) in &mut self.shapes {
            let members = shape.members.iter_mut().map(|(_, member)| member);
            for member in members
                .chain(&mut shape.member)
                .chain(&mut shape.key)
                .chain(&mut shape.value)
            {
                member.at = names
                    .binary_search(&member.shape)
                    .unwrap_or_else(|_| panic!("the model has no shape {}", member.shape));
            }
        }
    }

    /// The shape with a name. Models contain every shape that they refer to, so it always exists.
    pub(crate) fn shape(&self, name: &str) -> &Shape {
        self.find_shape(name)
            .unwrap_or_else(|| unreachable!("the model has no shape {name}"))
    }

    /// The shape with a name, if there is one.
    pub(crate) fn find_shape(&self, name: &str) -> Option<&Shape> {
        let at = self
            .shapes
            .binary_search_by(|(known, _)| known.as_str().cmp(name))
            .ok()?;
        self.shapes.get(at).map(|(_, shape)| shape)
    }

    /// The shape of a member.
    pub(crate) fn of(&self, member: &Member) -> &Shape {
        self.shapes.get(member.at).map_or_else(
            || unreachable!("a member of another service"),
            |(_, shape)| shape,
        )
    }

    /// Whether clients compress some of the requests.
    pub(crate) fn takes_compressed(&self) -> bool {
        self.operations
            .values()
            .any(|it| it.requestcompression.is_some())
    }

    /// Whether it is S3, whose error format and request id header differ from other rest-xml
    /// services.
    pub(crate) fn is_s3(&self) -> bool {
        self.metadata.service_id.as_deref() == Some("S3")
    }

    /// A member with its shape.
    pub(crate) fn field<'a>(&'a self, member: &'a Member) -> Field<'a> {
        Field {
            member,
            shape: self.of(member),
        }
    }

    /// All shapes, with their names.
    #[cfg(test)]
    pub(crate) fn shapes(&self) -> impl Iterator<Item = (&str, &Shape)> {
        self.shapes
            .iter()
            .map(|(name, shape)| (name.as_str(), shape))
    }
}
