//! Determines the operation of a request to a REST service.

use std::cmp::Reverse;

use super::{Location, Operation, Service};
use crate::raw::RawRequest;

#[derive(Debug)]
pub(super) struct Route {
    method: String,
    pub(super) operation: String,
    segments: Vec<Segment>,
    /// Query parameters that are part of the path in the model (`?Action=…`).
    query: Vec<String>,
    /// Members that the operation requires, by their location. They distinguish operations that
    /// share a path, as those of S3 do.
    required: Vec<(Location, String)>,
}

#[derive(Debug)]
enum Segment {
    Fixed(String),
    Label(String),
    /// A label that matches the rest of the path.
    Greedy(String),
}

impl Service {
    /// The operation of a REST call, with the labels of its path. If several match, it is the one
    /// with the most specific path, and then the one whose required members are present.
    pub(crate) fn route(&self, request: &RawRequest<'_>) -> Option<(&str, Vec<(&str, String)>)> {
        let path = Path::new(request.path);
        let fitting = self.routes.iter().filter(|route| {
            route.method == request.method
                && route.fits(&path.parts)
                && route
                    .query
                    .iter()
                    .all(|wanted| has_parameter(request.query, wanted))
        });
        let best = fitting.min_by_key(|route| {
            let missing = route
                .required
                .iter()
                .filter(|it| !is_present(request, it))
                .count();
            let fixed = route
                .segments
                .iter()
                .filter(|it| matches!(it, Segment::Fixed(_)))
                .count();
            (
                Reverse(route.query.len()),
                route.segments.len() - fixed,
                Reverse(fixed),
                missing,
                Reverse(route.required.len()),
            )
        });
        best.map(|route| (route.operation.as_str(), route.labels(&path)))
    }
}

/// The path of a request.
struct Path<'a> {
    parts: Vec<&'a str>,
    /// The slashes at its end, which only matter in a greedy label.
    end: &'a str,
}

impl<'a> Path<'a> {
    fn new(path: &'a str) -> Self {
        let (words, end) = path.split_at(path.trim_end_matches('/').len());
        Self {
            parts: words.trim_start_matches('/').split('/').collect(),
            end,
        }
    }
}

/// Whether a query has a parameter in the form in which a path of a model contains it: `foo=bar`,
/// or `foo` alone.
fn has_parameter(query: &str, wanted: &str) -> bool {
    query.split('&').any(|pair| {
        pair == wanted || !wanted.contains('=') && pair.split('=').next() == Some(wanted)
    })
}

/// Whether a required member is present.
fn is_present(request: &RawRequest<'_>, (location, name): &(Location, String)) -> bool {
    match location {
        Location::Header => request.headers.contains_key(name.as_str()),
        _ => has_parameter(request.query, name),
    }
}

impl Route {
    pub(super) fn new(service: &Service, name: &str, operation: &Operation) -> Self {
        let http = &operation.http;
        let (path, query) = http
            .request_uri
            .split_once('?')
            .unwrap_or((&http.request_uri, ""));
        let segments = path.trim_matches('/').split('/').map(|part| {
            let Some(label) = part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            else {
                return Segment::Fixed(part.to_owned());
            };
            match label.strip_suffix('+') {
                Some(label) => Segment::Greedy(label.to_owned()),
                None => Segment::Label(label.to_owned()),
            }
        });
        let input = operation
            .input
            .as_ref()
            .map(|input| service.shape(&input.shape));
        let members = input.into_iter().flat_map(|shape| {
            shape
                .required
                .iter()
                .filter_map(|name| shape.find_member(name))
        });
        let required = members.filter_map(|(name, member)| {
            let location = member
                .location
                .filter(|it| matches!(it, Location::Header | Location::Querystring))?;
            Some((location, service.field(member).wire_name(name).to_owned()))
        });
        Self {
            method: http.method.clone(),
            operation: name.to_owned(),
            segments: segments.collect(),
            query: query
                .split('&')
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
                .collect(),
            required: required.collect(),
        }
    }

    /// Whether a path has the literals of the route, and a value for each of its labels.
    fn fits(&self, parts: &[&str]) -> bool {
        let rest = parts.len().checked_sub(self.segments.len());
        let Some(rest) = rest.filter(|rest| *rest == 0 || self.takes_the_rest()) else {
            return false;
        };
        let mut at = 0;
        self.segments.iter().all(|segment| {
            let here = at;
            at += 1;
            match segment {
                Segment::Fixed(word) => parts.get(here) == Some(&word.as_str()),
                Segment::Label(_) => parts.get(here).is_some_and(|part| !part.is_empty()),
                Segment::Greedy(_) => {
                    at += rest;
                    true
                }
            }
        })
    }

    fn takes_the_rest(&self) -> bool {
        self.segments
            .iter()
            .any(|segment| matches!(segment, Segment::Greedy(_)))
    }

    /// The labels of a matching path.
    fn labels(&self, path: &Path<'_>) -> Vec<(&str, String)> {
        // Bytes that are not valid UTF-8 become a character that no pattern allows.
        let decode = |part: &str| {
            let bytes = percent_encoding::percent_decode_str(part);
            bytes.decode_utf8_lossy().into_owned()
        };
        let rest = path.parts.len().saturating_sub(self.segments.len());
        let mut parts = path.parts.iter();
        let mut labels = Vec::new();
        for (at, segment) in self.segments.iter().enumerate() {
            let part = parts.next().copied().unwrap_or_default();
            match segment {
                Segment::Fixed(_) => {}
                Segment::Label(name) => labels.push((name.as_str(), decode(part))),
                Segment::Greedy(name) => {
                    let mut whole = part.to_owned();
                    for part in parts.by_ref().take(rest) {
                        whole.push('/');
                        whole.push_str(part);
                    }
                    if at + 1 == self.segments.len() {
                        whole.push_str(path.end);
                    }
                    labels.push((name.as_str(), decode(&whole)));
                }
            }
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::Service;
    use crate::raw::RawRequest;

    #[test]
    fn paths_find_their_operations() {
        let get = |uri: &str| json!({"http": {"method": "GET", "requestUri": uri}});
        let model = json!({
            "metadata": {"protocol": "rest-json", "apiVersion": "2026-11-24"},
            "operations": {
                "All": get("/"), "Listed": get("/things/"), "One": get("/things/{Name}"), "Special": get("/things/special"),
                "Part": get("/things/{Name}/parts/{Part}"), "Rest": get("/files/{Path+}"), "RestMeta": get("/files/{Path+}/meta"),
            },
            "shapes": {},
        });
        let service: &'static Service = Box::leak(Box::new(Service::load(&model.to_string())));
        let headers = http::HeaderMap::new();
        for (path, expected) in [
            ("/", "All"),
            ("/things", "Listed"),
            ("/things/", "Listed"),
            ("/things/a%2Fb", "One Name=a/b"),
            ("/things/a/", "One Name=a"),
            ("/things/special", "Special"),
            ("/things/a/parts/b", "Part Name=a Part=b"),
            ("/things//parts/b", ""),
            ("/things/a/parts", ""),
            ("/things/a/parts/b/c", ""),
            ("/files", ""),
            ("/files/a", "Rest Path=a"),
            ("/files/a/b//c/", "Rest Path=a/b//c/"),
            ("/files/a/b/meta", "RestMeta Path=a/b"),
            ("/files/meta", "Rest Path=meta"),
            ("/files/%ff", "Rest Path=\u{fffd}"),
            ("/other", ""),
        ] {
            let raw = RawRequest {
                method: "GET",
                path,
                query: "",
                headers: &headers,
                body: b"",
            };
            let found = service.route(&raw).map(|(name, labels)| {
                let labels = labels
                    .iter()
                    .map(|(name, value)| format!(" {name}={value}"));
                format!("{name}{}", labels.collect::<String>())
            });
            assert_eq!(found.unwrap_or_default(), expected, "{path}");
        }
    }
}
