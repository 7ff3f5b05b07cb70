//! Every query is read as it is documented: what is documented is known, and what is not is refused by name.

use serde_json::Value;

use crate::support::child::{Demo, Folder};
use crate::support::till::{Till, code, order, text};

#[test]
fn every_operation_knows_the_parameters_that_it_documents_and_no_other() {
    let folder = Folder::new("parameters");
    let demo = Demo::start(&folder, "warn");
    let document = demo.till.get("/openapi.json");
    let paid = demo.till.pay(&order("known", 100, &code("wechat", "000", 1), 10)).json();
    let till = Till::new(&demo.running.word("api"), &demo.running.word("settle_key"));
    let mut checked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // What wants no key takes no parameters, and ignores those that a monitor adds.
            if operation["security"] == serde_json::json!([{}]) {
                continue;
            }
            let target = path.replace("{id}", text(&paid, "id")).replace("{order_no}", "known");
            let answer = till.send(&method.to_uppercase(), &format!("{target}?surprise=1"), b"");
            let body = answer.json();
            assert_eq!(
                (answer.status, &body["errors"][0]["code"]),
                (400, &"unknown_parameter".into()),
                "{path}: {body}"
            );
            let known = text(&body, "detail")
                .split_once("these are: ")
                .map_or_else(Vec::new, |(_, names)| names.split(", ").collect());
            assert_eq!(known, documented(operation), "{method} {path}");
            checked += 1;
        }
    }
    assert!(checked >= 12, "{checked}");
}

fn documented(operation: &Value) -> Vec<&str> {
    let Some(parameters) = operation["parameters"].as_array() else { return Vec::new() };
    let query = parameters.iter().filter(|parameter| parameter["in"] == "query");
    query.map(|parameter| text(parameter, "name")).collect()
}
