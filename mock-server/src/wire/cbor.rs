//! CBOR bodies (RFC 8949) as Smithy's protocol `rpcv2Cbor` writes them: structures are maps by the
//! members' names, timestamps have tag 1, blobs are byte strings.

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minicbor::data::{IanaTag, Type as Kind};
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Value};

use super::{MOST_DEPTH, MOST_VALUES};
use crate::model::{Field, Member, Service, Shape, Type};
use crate::wire::json::whole;

/// Why a body was rejected, for the error message.
type Problem = String;

/// Reads a structure. Members that the shape does not have are ignored, as AWS does.
///
/// # Errors
/// If the body is not exactly one well-formed map, or contains an invalid value.
pub(crate) fn take(
    service: &Service,
    shape: &Shape,
    body: &[u8],
) -> Result<Map<String, Value>, Problem> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let mut reader = Reader {
        service,
        decoder: Decoder::new(body),
        left: MOST_VALUES,
    };
    if !matches!(reader.kind()?, Kind::Map | Kind::MapIndef) {
        return Err("the body is not a map".to_owned());
    }
    let taken = reader.structure(shape, 0)?;
    if reader.decoder.position() < body.len() {
        return Err("trailing bytes after the map".to_owned());
    }
    Ok(taken)
}

const ENDS: &str = "the body ends within a value";

struct Reader<'a, 'b> {
    service: &'a Service,
    decoder: Decoder<'b>,
    /// How many more values the body may contain.
    left: usize,
}

impl<'a> Reader<'a, '_> {
    fn kind(&self) -> Result<Kind, Problem> {
        self.decoder.datatype().map_err(problem)
    }

    /// Counts one value at a nesting depth, and checks both limits.
    fn enter(&mut self, depth: usize) -> Result<(), Problem> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or("there are too many values")?;
        if depth > MOST_DEPTH {
            return Err("values are nested too deeply".to_owned());
        }
        Ok(())
    }

    /// Calls a function for each item of an array, or each entry of a map; `length` is the declared
    /// length, if there is one. No memory is reserved for a length that a body merely declares.
    fn each(
        &mut self,
        length: Option<u64>,
        mut take: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        if let Some(length) = length {
            return (0..length).try_for_each(|_| take(self));
        }
        while self.kind()? != Kind::Break {
            take(self)?;
        }
        self.decoder.set_position(self.decoder.position() + 1);
        Ok(())
    }

    fn entries(
        &mut self,
        take: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let length = self.decoder.map().map_err(problem)?;
        self.each(length, take)
    }

    fn items(&mut self, take: impl FnMut(&mut Self) -> Result<(), Problem>) -> Result<(), Problem> {
        let length = self.decoder.array().map_err(problem)?;
        self.each(length, take)
    }

    fn structure(&mut self, shape: &'a Shape, depth: usize) -> Result<Map<String, Value>, Problem> {
        let mut taken = Map::new();
        self.entries(|reader| {
            let key = reader.text()?;
            let Some((name, member)) = shape.find_member(&key) else {
                return reader.skip(depth + 1);
            };
            let value = reader.value(member, depth + 1)?;
            if taken.contains_key(name) {
                return Err(format!("duplicate {name}"));
            }
            if !value.is_null() {
                taken.insert(name.to_owned(), value);
            }
            Ok(())
        })?;
        Ok(taken)
    }

    fn value(&mut self, member: &'a Member, depth: usize) -> Result<Value, Problem> {
        self.enter(depth)?;
        let shape = self.service.of(member);
        let kind = self.kind()?;
        match kind {
            Kind::Null => self.decoder.null().map(|()| Value::Null).map_err(problem),
            Kind::Undefined => self
                .decoder
                .undefined()
                .map(|()| Value::Null)
                .map_err(problem),
            Kind::Bool => self.decoder.bool().map(Value::Bool).map_err(problem),
            Kind::Tag => {
                let tag = self.decoder.tag().map_err(problem)?;
                if shape.kind == Type::Timestamp {
                    return self.timestamp(tag == IanaTag::Timestamp.tag());
                }
                self.value(member, depth + 1)
            }
            _ if shape.kind == Type::Timestamp && is_number(kind) => self.timestamp(false),
            _ if is_number(kind) => self.number(kind, shape),
            Kind::String | Kind::StringIndef if shape.kind == Type::Blob => {
                Err("expected a byte string, found a text string".to_owned())
            }
            Kind::String | Kind::StringIndef => self.text().map(Value::String),
            Kind::Bytes | Kind::BytesIndef if shape.kind == Type::Blob => self.blob(),
            Kind::Bytes | Kind::BytesIndef => Err("unexpected byte string".to_owned()),
            Kind::Array | Kind::ArrayIndef => self.list(shape, depth),
            Kind::Map | Kind::MapIndef => self.map(shape, depth),
            kind => Err(format!("unexpected {kind}")),
        }
    }

    /// Reads a list, if the shape is one. For other shapes only the fact that a list was found is
    /// kept.
    fn list(&mut self, shape: &'a Shape, depth: usize) -> Result<Value, Problem> {
        let Some(item) = &shape.member else {
            return self.skip(depth).map(|()| Value::Array(Vec::new()));
        };
        let mut values = Vec::new();
        self.items(|reader| {
            values.push(reader.value(item, depth + 1)?);
            Ok(())
        })?;
        Ok(Value::Array(values))
    }

    /// Reads a map or structure, if the shape is one. For other shapes only the fact that a map was
    /// found is kept.
    fn map(&mut self, shape: &'a Shape, depth: usize) -> Result<Value, Problem> {
        if shape.kind == Type::Structure {
            return self.structure(shape, depth).map(Value::Object);
        }
        let mut values = Map::new();
        let Some(item) = &shape.value else {
            return self.skip(depth).map(|()| Value::Object(values));
        };
        self.entries(|reader| {
            let key = reader.text()?;
            let value = reader.value(item, depth + 1)?;
            match values.insert(key, value) {
                None => Ok(()),
                Some(_) => Err("duplicate key in a map".to_owned()),
            }
        })?;
        Ok(Value::Object(values))
    }

    fn number(&mut self, kind: Kind, shape: &Shape) -> Result<Value, Problem> {
        let number = match kind {
            Kind::F16 => self.half()?,
            Kind::F32 => single(self.decoder.f32().map_err(problem)?),
            Kind::F64 => self.decoder.f64().map_err(problem)?,
            _ => {
                let number = self.decoder.int().map_err(problem)?;
                let signed = i64::try_from(number).map(Value::from);
                return signed
                    .or_else(|_| u64::try_from(number).map(Value::from))
                    .map_err(|_| "an integer does not fit into 64 bits".to_owned());
            }
        };
        Ok(match serde_json::Number::from_f64(number) {
            Some(number) if shape.kind.is_whole() => {
                whole(&number).map_or(Value::Number(number), Value::from)
            }
            Some(number) => Value::Number(number),
            None if number.is_nan() => Value::from("NaN"),
            None if number > 0.0 => Value::from("Infinity"),
            None => Value::from("-Infinity"),
        })
    }

    fn timestamp(&mut self, tagged: bool) -> Result<Value, Problem> {
        let kind = self.kind()?;
        if !tagged || !is_number(kind) {
            return Err("a timestamp is not a number with tag 1".to_owned());
        }
        let seconds = match kind {
            Kind::F16 => self.half()?,
            Kind::F32 => f64::from(self.decoder.f32().map_err(problem)?),
            Kind::F64 => self.decoder.f64().map_err(problem)?,
            _ => {
                let whole = i64::try_from(self.decoder.int().map_err(problem)?);
                return whole
                    .map(Value::from)
                    .map_err(|_| "a timestamp is out of range".to_owned());
            }
        };
        let number = serde_json::Number::from_f64(seconds);
        number
            .map(Value::Number)
            .ok_or_else(|| "a timestamp is out of range".to_owned())
    }

    /// A half-precision number (RFC 8949, appendix D).
    fn half(&mut self) -> Result<f64, Problem> {
        let at = self.decoder.position() + 1;
        let Some(&[high, low]) = self.decoder.input().get(at..at + 2) else {
            return Err(ENDS.to_owned());
        };
        self.decoder.set_position(at + 2);
        let bits = u16::from_be_bytes([high, low]);
        let (exponent, mantissa) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
        let value = match exponent {
            0 => mantissa * 2_f64.powi(-24),
            31 if mantissa == 0.0 => f64::INFINITY,
            31 => f64::NAN,
            _ => (mantissa + 1_024.0) * 2_f64.powi(exponent - 25),
        };
        Ok(if bits >> 15 == 0 { value } else { -value })
    }

    fn text(&mut self) -> Result<String, Problem> {
        let chunks = self.decoder.str_iter().map_err(problem)?;
        chunks.collect::<Result<String, _>>().map_err(problem)
    }

    fn blob(&mut self) -> Result<Value, Problem> {
        let mut bytes = Vec::new();
        for chunk in self.decoder.bytes_iter().map_err(problem)? {
            bytes.extend_from_slice(chunk.map_err(problem)?);
        }
        Ok(Value::String(BASE64.encode(bytes)))
    }

    /// Skips a value of any kind.
    fn skip(&mut self, depth: usize) -> Result<(), Problem> {
        self.enter(depth)?;
        match self.kind()? {
            Kind::Array | Kind::ArrayIndef => self.items(|reader| reader.skip(depth + 1)),
            Kind::Map | Kind::MapIndef => self.entries(|reader| {
                reader.skip(depth + 1)?;
                reader.skip(depth + 1)
            }),
            Kind::Tag => {
                self.decoder.tag().map_err(problem)?;
                self.skip(depth + 1)
            }
            Kind::Break => Err("unexpected end of a list or map".to_owned()),
            _ => self.decoder.skip().map_err(problem),
        }
    }
}

fn is_number(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::U8
            | Kind::U16
            | Kind::U32
            | Kind::U64
            | Kind::I8
            | Kind::I16
            | Kind::I32
            | Kind::I64
            | Kind::Int
            | Kind::F16
            | Kind::F32
            | Kind::F64
    )
}

/// A single-precision number with the shortest decimal form: 1.1, not 1.10000002384185791015625.
fn single(number: f32) -> f64 {
    number
        .to_string()
        .parse()
        .unwrap_or_else(|_| f64::from(number))
}

fn problem(error: minicbor::decode::Error) -> Problem {
    if error.is_end_of_input() {
        ENDS.to_owned()
    } else {
        error.to_string()
    }
}

type Written = Result<(), minicbor::encode::Error<Infallible>>;

/// Writes a structure.
pub(crate) fn write_structure(service: &Service, shape: &Shape, value: &Value) -> Vec<u8> {
    write_error(&[], Some((service, shape)), value)
}

/// Writes an error: strings by their names, and the members of its shape if it has one.
pub(crate) fn write_error(
    texts: &[(&str, &str)],
    shape: Option<(&Service, &Shape)>,
    members: &Value,
) -> Vec<u8> {
    let mut out = Encoder::new(Vec::with_capacity(512));
    // Writing to memory cannot fail.
    let _ = match shape {
        Some((service, shape)) => {
            let mut writer = Writer { service, out };
            let written = writer.structure(texts, shape, members);
            out = writer.out;
            written
        }
        None => write_texts(&mut out, texts, 0),
    };
    out.into_writer()
}

fn write_texts(out: &mut Encoder<Vec<u8>>, texts: &[(&str, &str)], further: usize) -> Written {
    out.map((texts.len() + further) as u64)?;
    for (name, text) in texts {
        out.str(name)?.str(text)?;
    }
    Ok(())
}

struct Writer<'a> {
    service: &'a Service,
    out: Encoder<Vec<u8>>,
}

impl<'a> Writer<'a> {
    fn structure(&mut self, texts: &[(&str, &str)], shape: &'a Shape, value: &Value) -> Written {
        let present: Vec<_> = shape
            .members
            .iter()
            .filter_map(|(name, member)| {
                let value = value.get(name).filter(|value| !value.is_null())?;
                Some((name, self.service.field(member), value))
            })
            .filter(|(name, ..)| !texts.iter().any(|(text, _)| text == name))
            .collect();
        write_texts(&mut self.out, texts, present.len())?;
        for (name, field, value) in present {
            self.out.str(name)?;
            self.value(field, value)?;
        }
        Ok(())
    }

    fn value(&mut self, field: Field<'a>, value: &Value) -> Written {
        let shape = field.shape;
        match (shape.kind, value) {
            (_, Value::Null) => self.out.null().map(drop),
            (_, Value::Bool(value)) => self.out.bool(*value).map(drop),
            (Type::Structure, value) => self.structure(&[], shape, value),
            (Type::List, Value::Array(values)) => {
                let Some(item) = &shape.member else {
                    return self.out.array(0).map(drop);
                };
                self.out.array(values.len() as u64)?;
                values
                    .iter()
                    .try_for_each(|value| self.value(self.service.field(item), value))
            }
            (Type::Map, Value::Object(entries)) => {
                let Some(item) = &shape.value else {
                    return self.out.map(0).map(drop);
                };
                self.out.map(entries.len() as u64)?;
                entries.iter().try_for_each(|(key, value)| {
                    self.out.str(key)?;
                    self.value(self.service.field(item), value)
                })
            }
            (kind, Value::Number(number)) => self.number(kind, number),
            (kind, Value::String(text)) => self.text(kind, text),
            // A value that does not match the shape is a defect, which `answer` reports.
            (_, Value::Array(_) | Value::Object(_)) => self.out.null().map(drop),
        }
    }

    fn number(&mut self, kind: Type, number: &serde_json::Number) -> Written {
        if kind == Type::Timestamp {
            self.out.tag(IanaTag::Timestamp)?;
        }
        let float = number.as_f64().unwrap_or_default();
        match (
            kind,
            number.as_i64().or_else(|| whole(number)),
            number.as_u64(),
        ) {
            // Clients that expect the model's floats may not accept doubles.
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the model has single precision"
            )]
            (Type::Float, ..) => self.out.f32(float as f32),
            (Type::Double, ..) => self.out.f64(float),
            (_, Some(whole), _) => self.out.i64(whole),
            (_, None, Some(whole)) => self.out.u64(whole),
            (_, None, None) => self.out.f64(float),
        }
        .map(drop)
    }

    fn text(&mut self, kind: Type, text: &str) -> Written {
        match (kind, text) {
            (Type::Blob, text) => self.out.bytes(&BASE64.decode(text).unwrap_or_default()),
            (Type::Float | Type::Double, "NaN") => self.out.f64(f64::NAN),
            (Type::Float | Type::Double, "Infinity") => self.out.f64(f64::INFINITY),
            (Type::Float | Type::Double, "-Infinity") => self.out.f64(f64::NEG_INFINITY),
            (_, text) => self.out.str(text),
        }
        .map(drop)
    }
}
