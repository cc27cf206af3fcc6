//! The programme of a conference: its points, in their order, and which is dealt with now.

use axum::{Json, http::StatusCode};
use domain::{
    CommandKind as K, ConferenceId, Event, ItemId, UnitId,
    conference::{ConferenceCommand as C, ConferenceEvent, ProgrammeItem},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    ask::{Accepted, Caller, ExpectingQuery, Ids, Made, Position, Query, Sent},
    table::{Op, Table},
};
use crate::problem::Result;

pub(super) fn operations(table: Table) -> Table {
    let op = |id, summary, kind| Op::new("conferences", id, summary).command(kind);
    let accepted = |id, summary, kind| op(id, summary, kind).gives::<Accepted>(StatusCode::OK);
    let item = json!({ "title": "Khai mạc, giới thiệu đại biểu", "planned_minutes": 10 });
    table
        .post(
            "/conferences/{conference}/items",
            add_item,
            op("addItem", "Add a point to the programme", K::AddItem)
                .takes::<NewItem>(item.clone())
                .gives::<Made>(StatusCode::CREATED),
        )
        .put(
            "/conferences/{conference}/items/{item}",
            edit_item,
            accepted("editItem", "Change a point", K::EditItem).takes::<ItemEdit>(item),
        )
        .delete(
            "/conferences/{conference}/items/{item}",
            remove_item,
            accepted("removeItem", "Remove a point", K::RemoveItem).query::<ExpectingQuery>(),
        )
        .post(
            "/conferences/{conference}/items/{item}/move",
            move_item,
            accepted("moveItem", "Move a point to a place, from 0", K::MoveItem)
                .takes::<Position>(json!({ "position": 0 })),
        )
        .post(
            "/conferences/{conference}/items/{item}/start",
            start_item,
            accepted("startItem", "This point is dealt with now", K::StartItem),
        )
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Item {
    id: u32,
    title: String,
    planned_minutes: u32,
    presenter: Option<u32>,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

impl From<&ProgrammeItem> for Item {
    fn from(item: &ProgrammeItem) -> Self {
        Self {
            id: item.id.0,
            title: item.title.clone(),
            planned_minutes: item.planned_minutes,
            presenter: item.presenter.map(|unit| unit.0),
            started_at: item.started_at,
            ended_at: item.ended_at,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewItem {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    #[schema(maximum = 600)]
    planned_minutes: u32,
    /// Unit that presents it.
    #[serde(default)]
    presenter: Option<u32>,
}

async fn add_item(
    caller: Caller,
    Ids(conference): Ids<ConferenceId>,
    Sent(new): Sent<NewItem>,
) -> Result<(StatusCode, Json<Made>)> {
    let command = C::AddItem {
        conference,
        title: new.title,
        planned_minutes: new.planned_minutes,
        presenter: new.presenter.map(UnitId),
    };
    caller
        .create(command, |event| match event {
            Event::Conference(ConferenceEvent::ItemAdded { item, .. }) => Some(item.0),
            _ => None,
        })
        .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ItemEdit {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    #[schema(maximum = 600)]
    planned_minutes: u32,
    #[serde(default)]
    presenter: Option<u32>,
    /// `seq` of the conference as the caller saw it.
    #[serde(default)]
    expected_seq: Option<u64>,
}

type ItemIds = Ids<(ConferenceId, ItemId)>;

async fn edit_item(
    caller: Caller,
    Ids((conference, item)): ItemIds,
    Sent(edit): Sent<ItemEdit>,
) -> Result<Json<Accepted>> {
    let command = C::EditItem {
        conference,
        item,
        title: edit.title,
        planned_minutes: edit.planned_minutes,
        presenter: edit.presenter.map(UnitId),
    };
    caller.accept(command, edit.expected_seq).await
}

async fn remove_item(
    caller: Caller,
    Ids((conference, item)): ItemIds,
    Query(query): Query<ExpectingQuery>,
) -> Result<Json<Accepted>> {
    caller.accept(C::RemoveItem { conference, item }, query.expected_seq).await
}

async fn move_item(
    caller: Caller,
    Ids((conference, item)): ItemIds,
    Sent(to): Sent<Position>,
) -> Result<Json<Accepted>> {
    caller.accept(C::MoveItem { conference, item, position: to.position }, to.expected_seq).await
}

async fn start_item(caller: Caller, Ids((conference, item)): ItemIds) -> Result<Json<Accepted>> {
    caller.accept(C::StartItem { conference, item }, None).await
}
