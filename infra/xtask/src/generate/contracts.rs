//! Rust from `proto/`: messages by prost, and one constant for each operation and event with who may use it.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};

use super::{Generated, Outcome};

/// Services in a fixed order, so that what is generated never depends on the file system.
pub const SERVICES: [&str; 9] =
    ["docket", "eservice", "exchange", "identity", "notifications", "payments", "portal", "register", "signing"];

pub struct Operation {
    pub callee: String,
    pub method: String,
    pub name: String,
    pub request: String,
    pub reply: String,
    pub callers: Vec<String>,
    pub person: bool,
    pub hosted: bool,
    pub recovering: bool,
    pub effect: &'static str,
}

pub struct Event {
    pub producer: String,
    pub message: String,
    pub name: String,
    pub consumers: Vec<String>,
    /// It is about one case.
    pub of_case: bool,
}

pub struct Contracts {
    pub operations: Vec<Operation>,
    pub events: Vec<Event>,
    descriptors: prost_reflect::prost_types::FileDescriptorSet,
}

pub fn generate(root: &Path) -> Outcome<Vec<Generated>> {
    let contracts = read(root)?;
    let mut files = messages(&contracts)?;
    for service in SERVICES {
        files.push(constants(service, &contracts));
    }
    Ok(files)
}

pub fn read(root: &Path) -> Outcome<Contracts> {
    let folder = root.join("proto");
    let mut paths = vec![folder.join("xizmat/access.proto"), folder.join("xizmat/shared.proto")];
    paths.extend(SERVICES.iter().map(|service| folder.join(format!("xizmat/{service}/v1.proto"))));
    let mut compiler = protox::Compiler::new([&folder]).map_err(|error| error.to_string())?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(paths).map_err(|error| format!("{error:?}"))?;
    // Options live in extension fields, which only the reflected pool keeps.
    let pool = DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).map_err(|e| e.to_string())?;
    let mut operations = Vec::new();
    for service in pool.services() {
        operations.extend(service.methods().map(|method| operation(&pool, &method)));
    }
    let mut events: Vec<Event> = pool.all_messages().filter_map(|message| event(&pool, &message)).collect();
    operations.sort_by(|a, b| (&a.callee, &a.method).cmp(&(&b.callee, &b.method)));
    events.sort_by(|a, b| (&a.producer, &a.message).cmp(&(&b.producer, &b.message)));
    Ok(Contracts { operations, events, descriptors: compiler.file_descriptor_set() })
}

fn operation(pool: &DescriptorPool, method: &MethodDescriptor) -> Operation {
    let extension = pool.get_extension_by_name("xizmat.access").expect("access.proto declares it");
    let options = method.options();
    let access = options.get_extension(&extension);
    let access = access.as_message().expect("Access is a message");
    let effect = match field(access, "effect").as_enum_number() {
        Some(1) => "Query",
        Some(2) => "Keyed",
        Some(3) => "Once",
        _ => panic!("{} declares no effect", method.full_name()),
    };
    Operation {
        callee: service_of(method.parent_service().full_name()),
        method: method.name().to_owned(),
        name: kebab(method.name()),
        request: rust_path(method.input().full_name()),
        reply: rust_path(method.output().full_name()),
        callers: strings(&field(access, "callers")),
        person: field(access, "person").as_bool().unwrap_or_default(),
        hosted: field(access, "hosted").as_bool().unwrap_or_default(),
        recovering: field(access, "recovering").as_bool().unwrap_or_default(),
        effect,
    }
}

fn event(pool: &DescriptorPool, message: &prost_reflect::MessageDescriptor) -> Option<Event> {
    let extension = pool.get_extension_by_name("xizmat.emits").expect("access.proto declares it");
    let options = message.options();
    if !options.has_extension(&extension) {
        return None;
    }
    let emits = options.get_extension(&extension).into_owned();
    let case = message.get_field_by_name("case").and_then(|field| field.kind().as_message().cloned());
    Some(Event {
        of_case: case.is_some_and(|of| of.full_name() == "xizmat.CaseRef"),
        producer: service_of(message.full_name()),
        message: message.name().to_owned(),
        name: kebab(message.name()),
        consumers: strings(&field(emits.as_message().expect("Emits is a message"), "consumers")),
    })
}

fn field(message: &DynamicMessage, name: &str) -> Value {
    message.get_field_by_name(name).expect("the option declares this field").into_owned()
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_list().unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// `xizmat.payments.v1.Payments` belongs to `payments`.
fn service_of(full_name: &str) -> String {
    full_name.split('.').nth(1).expect("packages are named xizmat.<service>.v1").to_owned()
}

fn rust_path(full_name: &str) -> String {
    let name = full_name.rsplit('.').next().expect("a name has a last part");
    if full_name.matches('.').count() == 1 { format!("crate::{name}") } else { format!("super::{name}") }
}

pub fn kebab(name: &str) -> String {
    separated(name, '-')
}

fn separated(name: &str, separator: char) -> String {
    let mut out = String::new();
    for (index, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            out.push(separator);
        }
        out.extend(letter.to_lowercase());
    }
    out
}

fn messages(contracts: &Contracts) -> Outcome<Vec<Generated>> {
    let mut config = prost_build::Config::new();
    config.btree_map(["."]);
    let requests = contracts
        .descriptors
        .file
        .iter()
        .filter(|file| file.package().starts_with("xizmat"))
        .map(|file| (prost_build::Module::from_protobuf_package_name(file.package()), file.clone()));
    let by_module = config.generate(requests.collect()).map_err(|error| error.to_string())?;
    let by_module: BTreeMap<String, String> =
        by_module.into_iter().map(|(module, content)| (module.to_file_name_or("xizmat"), content)).collect();
    let generated = |(name, content): (String, String)| Generated {
        path: format!("proto/src/gen/{name}").into(),
        content: format!("// Generated by `cargo run -p xtask -- gen` from proto/. Do not edit.\n{content}"),
    };
    Ok(by_module.into_iter().map(generated).collect())
}

fn constants(service: &str, contracts: &Contracts) -> Generated {
    let mut out = String::from("// Generated by `cargo run -p xtask -- gen` from proto/. Do not edit.\n\n");
    out.push_str("pub mod operations {\n    use crate::{Effect, Operation};\n\n");
    let operations: Vec<&Operation> = contracts.operations.iter().filter(|one| one.callee == service).collect();
    for one in &operations {
        let constant = separated(&one.method, '_').to_uppercase();
        writeln!(
            out,
            "    pub const {constant}: Operation<{}, {}> = Operation::new({service:?}, {:?}, &{:?}, {}, Effect::{}){}{};",
            one.request,
            one.reply,
            one.name,
            one.callers,
            one.person,
            one.effect,
            if one.hosted { ".hosted()" } else { "" },
            if one.recovering { ".recovering()" } else { "" }
        )
        .expect("writing to a string does not fail");
    }
    out.push_str("}\n");
    for one in contracts.events.iter().filter(|one| one.producer == service) {
        let case = if one.of_case {
            "\n    fn case(&self) -> ::core::option::Option<&crate::CaseRef> {\n        self.case.as_ref()\n    }\n"
        } else {
            ""
        };
        write!(
            out,
            "\nimpl crate::Event for {} {{\n    const PRODUCER: &'static str = {service:?};\n    const NAME: &'static str = {:?};\n    const CONSUMERS: &'static [&'static str] = &{:?};\n{case}}}\n",
            one.message, one.name, one.consumers
        )
        .expect("writing to a string does not fail");
    }
    Generated { path: format!("proto/src/gen/{service}.constants.rs").into(), content: out }
}
